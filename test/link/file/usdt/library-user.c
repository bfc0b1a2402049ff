/* Says that it runs, and waits for a line if it is given an argument. Then it calls the library. */
#include <stdio.h>

void called(int number);

int main(int count, char **arguments) {
  char line[16];

  (void)arguments;
  puts("here");
  fflush(stdout);
  if (count > 1 && !fgets(line, sizeof(line), stdin))
    return 1;
  called(5);
  return 0;
}
