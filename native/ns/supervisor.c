/*
 * The process above the program. It keeps the caller's privileges: it writes the id maps and configures
 * the file system, waits for the caller's word, and leaves nothing behind when the program, the front
 * process or the caller ends.
 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct supervisor {
  const struct request *request;
  int link;
  int signals;
  int channel; /* to the child; -1 once it has become the program */
  pid_t child;
  int status; /* how the child ended */
  bool ended;
  bool waiting; /* mounted, and the caller has not decided */
  bool started; /* the caller has: nothing of the set-up is asked for any more */
  bool told; /* isolated: init said how the program ended */
};

static void tell(const struct supervisor *self, const char *line) {
  send(self->request->control, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void tell_error(const struct supervisor *self, const struct message *error) {
  char line[sizeof(*error) + 32];
  snprintf(line, sizeof(line), "error %s %d %s\n", error->stage, error->number, error->detail);
  tell(self, line);
}

static void note_child(pid_t pid, int status, void *data) {
  struct supervisor *self = data;
  if (pid != self->child) return;
  if (!self->told) self->status = status;
  self->ended = true;
}

static _Noreturn void finish(struct supervisor *self) {
  bool ended = self->ended;
  int status = self->status;
  if (!ended && self->request->enter) {
    close(self->channel); /* it takes its mounts away and ends */
    waitpid(self->child, &status, 0);
  }
  kill_descendants(self->signals, note_child, self);
  /* A child that was killed here did not end by itself: that is a failure of the set-up or the caller. */
  if (!ended) status = EXIT_SETUP << 8;
  send(self->link, &status, sizeof(status), MSG_NOSIGNAL);
  _exit(0);
}

static int write_file(pid_t pid, const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t wrote = write(fd, text, strlen(text));
  int saved = errno;
  close(fd);
  errno = saved;
  return wrote < 0 ? -1 : 0;
}

static const char *write_maps(const struct supervisor *self) {
  const struct request *request = self->request;
  if (request->deny_setgroups && write_file(self->child, "setgroups", "deny") < 0) return "setgroups";
  if (request->uid_map && write_file(self->child, "uid_map", request->uid_map) < 0) return "uid_map";
  if (request->gid_map && write_file(self->child, "gid_map", request->gid_map) < 0) return "gid_map";
  return NULL;
}

static void answer(struct supervisor *self, const struct message *message, int fd) {
  struct message problem;
  char line[sizeof(message->detail) + 32];
  bool setting_up = message->kind != MESSAGE_ENDED && message->kind != MESSAGE_ERROR;
  if (setting_up && self->started) return;
  if (message->kind == MESSAGE_ENDED) {
    self->told = true;
    self->status = message->number;
  } else if (message->kind == MESSAGE_NAMESPACES) {
    const char *failed = write_maps(self);
    if (failed) {
      problem = make_message(MESSAGE_ERROR, errno, failed, "");
      tell_error(self, &problem);
      finish(self);
    }
    send_word(self->channel);
  } else if (message->kind == MESSAGE_CONTEXT) {
    int index = message->number;
    if (index < 0 || index >= self->request->mount_count) finish(self);
    if (configure_context(fd, &self->request->mounts[index], &problem) < 0) {
      tell_error(self, &problem);
      finish(self);
    }
    send_word(self->channel);
  } else if (message->kind == MESSAGE_MOUNTED) {
    self->waiting = true;
    snprintf(line, sizeof(line), "mounted %d%s\n", (int)self->child, message->detail);
    tell(self, line);
  } else {
    tell_error(self, message);
  }
}

static void hear_child(struct supervisor *self) {
  struct message message;
  int fd = -1;
  int got = receive_message(self->channel, &message, &fd);
  if (got > 0) answer(self, &message, fd);
  if (fd >= 0) close(fd);
  if (got > 0) return;
  /* The channel is close-on-exec: it closes when the program starts, or when the child has ended. */
  close(self->channel);
  self->channel = -1;
}

static void hear_caller(struct supervisor *self) {
  char words[16];
  ssize_t got = recv(self->request->control, words, sizeof(words), 0);
  if (got < 0 && errno == EINTR) return;
  bool go = got >= 2 && memcmp(words, "go", 2) == 0;
  if (!go || !self->waiting) finish(self); /* gone, or it said to stop */
  self->waiting = false;
  self->started = true;
  send_word(self->channel);
}

static void hear_signals(struct supervisor *self) {
  struct signalfd_siginfo info;
  while (read(self->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
    if (info.ssi_signo != SIGCHLD && info.ssi_code != SI_KERNEL) kill(self->child, (int)info.ssi_signo);
  }
  for (int status; !self->ended;) {
    pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
    if (pid <= 0) break;
    note_child(pid, status, self);
  }
}

static void hear_guard(struct supervisor *self) {
  char number;
  ssize_t got = recv(self->link, &number, 1, 0);
  if (got < 0 && errno == EINTR) return;
  if (got != 1) finish(self);
  kill(self->child, number);
}

static _Noreturn void fail(const struct supervisor *self, const char *stage, const char *detail) {
  struct message problem = make_message(MESSAGE_ERROR, errno, stage, detail);
  tell_error(self, &problem);
  _exit(EXIT_SETUP);
}

static void start_child(struct supervisor *self) {
  int pair[2];
  pid_t own = getpid();
  if (self->request->isolate) {
    const char *detail;
    const char *failed = arrange_mounts(self->request, &detail);
    if (failed) fail(self, failed, detail);
  }
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) _exit(EXIT_SETUP);
  self->child = self->request->isolate ? fork_isolated(self->request) : fork();
  if (self->child < 0) {
    fail(self, self->request->isolate && errno != EAGAIN ? "unshare" : "fork", "");
  }
  if (self->child == 0) {
    /* Whatever the child still shares with the others would outlive them in it. */
    close(pair[0]);
    close(self->link);
    close(self->signals);
    run_child(self->request, pair[1], own);
  }
  close(pair[1]);
  self->channel = pair[0];
}

_Noreturn void run_supervisor(struct request *request, int link) {
  struct supervisor self = {.request = request, .link = link, .channel = -1};
  sigset_t unused;
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  self.signals = open_signals(&unused);
  if (self.signals < 0) _exit(EXIT_SETUP);
  start_child(&self);
  /* Out of the caller's process group, so that a SIGKILL to the whole group leaves one to clean up. */
  setpgid(0, 0);
  const int kept[] = {link, self.signals, self.channel, request->control};
  close_all_but(kept, 4);
  while (!self.ended) {
    struct pollfd events[] = {
        {.fd = self.channel, .events = POLLIN},
        {.fd = request->control, .events = POLLIN},
        {.fd = link, .events = POLLIN},
        {.fd = self.signals, .events = POLLIN},
    };
    if (poll(events, 4, -1) < 0) continue;
    /* The child's last words first: its error must be told before its end is noticed. */
    if (events[0].revents) hear_child(&self);
    else if (events[3].revents) hear_signals(&self);
    else if (events[2].revents) hear_guard(&self);
    else if (events[1].revents) hear_caller(&self);
  }
  finish(&self);
}
