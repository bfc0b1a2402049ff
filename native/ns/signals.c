#include "ns.h"

#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int watched[] = {SIGCHLD, SIGHUP,   SIGINT,  SIGQUIT, SIGTERM,
                              SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP};

/* Blocked rather than handled: no handler, no race, and the program gets the original mask back. */
int open_signals(sigset_t *original_mask) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof(watched) / sizeof(*watched); i++) sigaddset(&set, watched[i]);
  if (sigprocmask(SIG_BLOCK, &set, original_mask) < 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool is_kept(int fd, const int *kept, int count) {
  for (int i = 0; i < count; i++) {
    if (kept[i] == fd) return true;
  }
  return false;
}

static void close_between(unsigned first, unsigned last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
  long limit = sysconf(_SC_OPEN_MAX);
  for (unsigned fd = first; fd <= last && (long)fd < limit; fd++) close((int)fd);
}

void close_all_but(const int *kept, int count) {
  int highest = 2;
  for (int i = 0; i < count; i++) {
    if (kept[i] > highest) highest = kept[i];
  }
  for (int fd = 3; fd < highest; fd++) {
    if (!is_kept(fd, kept, count)) close(fd);
  }
  close_between((unsigned)highest + 1, ~0U);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++) {
    if (is_kept(fd, kept, count)) continue;
    if (null < 0 || dup2(null, fd) < 0) close(fd);
  }
  if (null > 2) close(null);
}
