#include "probe.h"

static volatile short inside = 77;

void called(int number) {
  PROBE("library", "called", "-4@%k0 -2@%1", "r"(number), "m"(inside));
}
