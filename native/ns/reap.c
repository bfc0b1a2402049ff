#include "ns.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The list the kernel keeps, where it is built in (CONFIG_PROC_CHILDREN). */
static bool kill_listed(void) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
  FILE *list = fopen(path, "re");
  if (!list) return false;
  int pid;
  while (fscanf(list, "%d", &pid) == 1) kill(pid, SIGKILL);
  fclose(list);
  return true;
}

/* Else every process is asked for its parent: the second field after the name's closing bracket. */
static void kill_found(void) {
  DIR *proc = opendir("/proc");
  if (!proc) return;
  for (const struct dirent *entry; (entry = readdir(proc));) {
    char path[300], line[512];
    int parent = 0;
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
    FILE *stat = fopen(path, "re");
    if (!stat) continue;
    const char *end = fgets(line, sizeof(line), stat) ? strrchr(line, ')') : NULL;
    if (end && sscanf(end + 1, " %*c %d", &parent) == 1 && parent == getpid()) {
      kill(atoi(entry->d_name), SIGKILL);
    }
    fclose(stat);
  }
  closedir(proc);
}

/*
 * Only own children are signalled: their ids cannot be reused before they are reaped here. What they
 * leave behind comes to this process, a subreaper, and is met in the next round. The list may miss an
 * entry while others end, so nothing waits for ever: each round ends after 20 ms at the latest.
 */
void kill_descendants(int signals, void (*seen)(pid_t, int, void *), void *data) {
  for (;;) {
    if (!kill_listed()) kill_found();
    for (;;) {
      int status;
      pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
      if (pid < 0 && errno == ECHILD) return;
      if (pid <= 0) break;
      if (seen) seen(pid, status, data);
    }
    struct pollfd ended = {.fd = signals, .events = POLLIN};
    struct signalfd_siginfo info;
    poll(&ended, 1, 20);
    while (read(signals, &info, sizeof(info)) > 0) continue;
  }
}
