/* Fires probes, one after the other. Waits for a line first if it is given an argument, and for another one at the end. */
#include <stdio.h>
#include "probe.h"

SEMAPHORE watched_semaphore = 0;
static volatile int hidden = -7;
volatile unsigned short shown = 65000;

int main(int count, char **arguments) {
  int numbers[4] = {10, 20, 30, 40};
  char line[16];

  (void)arguments;
  if (count > 1 && !fgets(line, sizeof(line), stdin))
    return 1;
  PROBE("test", "none", "", "n"(0));
  /* Constants and registers of all sizes. */
  PROBE("test", "sizes", "-1@%b0 1@%b0 -2@%w1 2@%w1 -4@%k2 4@%k2 -8@%3 8@%3", "q"((char)-3), "r"((short)-300),
        "r"(-70000), "r"(-5000000000L));
  PROBE("test", "constants", "-4@$-9 8@$71 1@$300", "n"(0));
  PROBE("test", "hexadecimal", "-8@$-0x10", "n"(0));
  /* In memory: on the stack, of an array, and of variables of the file. */
  PROBE("test", "memory", "-4@%0 -4@(%1) -4@4(%1)", "m"(numbers[2]), "r"(numbers), "m"(numbers));
  PROBE("test", "indexed", "-4@(%%rdx,%%rcx,4) 4@-4(%%rdx,%%rcx,4) 1@(%%rdx,%%rcx)", "d"(numbers), "c"(2L), "m"(numbers));
  PROBE("test", "variables", "-4@%0 2@%1", "m"(hidden), "m"(shown));
  PROBE("test", "halves", "1@%%ah 1@%%al", "a"(0x1234));
  /* One name in several places, with other arguments in each. */
  PROBE("test", "places", "-4@$1", "n"(0));
  PROBE("test", "places", "-4@%k0", "r"(2));
  PROBE("test", "places", "-4@$1", "n"(0));
  PROBE("test", "pair", "-4@%k0 -8@%1", "r"(-11), "r"(1234567890123L));
  PROBE_WITH("watched_semaphore", "test", "watched", "2@%0", "m"(watched_semaphore));
  PROBE("test", "float", "8f@%%xmm0", "n"(0));
  PROBE("test", "many", "1@$1 1@$2 1@$3 1@$4 1@$5 1@$6 1@$7 1@$8 1@$9 1@$10 1@$11 1@$12", "n"(0));
  PROBE("test", "toomany", "1@$1 1@$2 1@$3 1@$4 1@$5 1@$6 1@$7 1@$8 1@$9 1@$10 1@$11 1@$12 1@$13", "n"(0));
  printf("%u\n", watched_semaphore);
  fflush(stdout);
  return count > 1 && !fgets(line, sizeof(line), stdin);
}
