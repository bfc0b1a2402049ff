/* The namespace helper: mechanisms only, every decision is the caller's. See main.c for the picture. */
#ifndef EBPF_TS_NS_H
#define EBPF_TS_NS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  MAX_MOUNTS = 16,
  MAX_OPTIONS = 16,
  MAX_PLACES = 256,
  MAX_PASSES = 64,
  EXIT_SETUP = 125, /* env(1) and timeout(1) end so when they fail themselves … */
  EXIT_CANNOT_RUN = 126, /* … when the program cannot be executed … */
  EXIT_NOT_FOUND = 127, /* … and when there is no such program. */
};

struct mount_request {
  const char *path;
  const char *options[MAX_OPTIONS]; /* key=value, or a key alone */
  int option_count;
};

struct place {
  const char *path;
  bool view; /* shown read-only as it is, below a cover; else covered by an empty folder */
};

struct request {
  int control; /* socket to the caller */
  pid_t enter; /* join this process's namespaces instead of making new ones; 0: new ones */
  bool net;
  bool deny_setgroups;
  const char *uid_map; /* as /proc/<pid>/uid_map takes it */
  const char *gid_map;
  struct mount_request mounts[MAX_MOUNTS];
  int mount_count;
  uint64_t kept; /* capabilities the program is left with, one bit each */
  long uid; /* inside the namespace; -1: unchanged */
  long gid;
  const char *argv0;
  bool isolate;
  struct place places[MAX_PLACES]; /* isolated: in this order */
  int place_count;
  int passes[MAX_PASSES]; /* isolated: descriptors above 2 that the program gets */
  int pass_count;
  const char *directory; /* isolated: where the program starts */
  char **command; /* NULL in enter mode */
  sigset_t original_mask;
};

/* message.c: what the child tells the supervisor. */
enum message_kind {
  MESSAGE_NAMESPACES, /* made, and their id maps are empty */
  MESSAGE_CONTEXT, /* carries a file system context; `number` is the index of its mount */
  MESSAGE_MOUNTED,
  MESSAGE_ERROR, /* `number` is the errno */
  MESSAGE_ENDED, /* isolated: `number` is the program's status, as wait(2) has it */
};
struct message {
  enum message_kind kind;
  int number;
  char stage[16];
  char detail[232];
};
struct message make_message(enum message_kind kind, int number, const char *stage, const char *detail);
int send_message(int socket, const struct message *message, int fd);
/* 1: a message, 0: the other side is gone, -1: errno. *fd is -1 when none came along. */
int receive_message(int socket, struct message *message, int *fd);
bool send_word(int socket);
bool receive_word(int socket);

/* child.c */
_Noreturn void run_child(const struct request *request, int socket, pid_t supervisor);

/* mounts.c */
int open_bpf_context(void);
int make_mounts_private(void);
/* *device tells the file system apart from every other, also in mountinfo. */
int attach_context(int context, const char *path, dev_t *device);
/* 0, or -1 with errno and *problem naming the option or `create`, with the kernel's own words if any. */
int configure_context(int context, const struct mount_request *mount, struct message *problem);
int bring_loopback_up(void);

/* capabilities.c: NULL, or the name of the step that failed, with errno. */
const char *keep_capabilities(const struct request *request);
int keep_only_kill(void);

/* isolate.c: NULL, or the name of the step that failed, with errno. */
/* In the supervisor: a mount namespace with the covers and views, which the child's will be a copy of. */
const char *arrange_mounts(const struct request *request, const char **detail);
/* Like fork(2), into new namespaces of every kind that an isolated run has. */
pid_t fork_isolated(const struct request *request);
/* In the child, once its ids are mapped: becomes root of the namespace, without what came from the caller. */
const char *leave_caller(void);
const char *mount_own_proc(void);
/* Forks, and returns in the child: this process becomes init, which ends when that one does. */
const char *become_init(int channel);
int keep_descriptors(const struct request *request);

/* reap.c */
/* Kills everything below this process and returns when nothing is left. Statuses of children that are
   reaped on the way are handed to `seen`. */
void kill_descendants(int signals, void (*seen)(pid_t pid, int status, void *data), void *data);

/* guard.c (the front process) and supervisor.c (the one above the program) */
_Noreturn void run_guard(const struct request *request, int link, int signals, pid_t supervisor);
_Noreturn void run_supervisor(struct request *request, int link);

/* signals.c */
int open_signals(sigset_t *original_mask);
/* Only the descriptors in `kept` stay open, 0 to 2 become /dev/null: whoever waits for the end of a
   pipe must wait for the program, not for this process. */
void close_all_but(const int *kept, int count);

#endif
