/* A program of 32 bits that needs no library. */
#include "probe.h"

static volatile int number = -4;

void _start(void) {
  int local[2] = {33, 44};

  /* Programs read only memory that was touched before. */
  number -= 1;
  PROBE("small", "probe", "-4@%0 2@%w1 -4@%2", "m"(number), "a"(70000), "m"(local[1]));
  __asm__ volatile("int $0x80" ::"a"(1), "b"(0), "m"(local));
}
