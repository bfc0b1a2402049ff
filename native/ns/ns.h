/* The namespace helper. It only offers mechanisms: the caller decides. See main.c for the picture. */
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
	GO = 'g', /* the caller's word: one byte, so that it cannot arrive in parts. Any other byte ends the run */
	EXIT_SETUP = 125, /* env(1) and timeout(1) end with these when they fail themselves … */
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
	bool view; /* true: shown read-only, below a cover. false: covered by an empty folder */
};

struct request {
	int control; /* socket to the caller */
	pid_t enter; /* join this process's namespaces instead of making new ones; 0: new ones */
	bool net;
	bool deny_setgroups;
	const char *uid_map; /* in the format of /proc/<pid>/uid_map */
	const char *gid_map;
	struct mount_request mounts[MAX_MOUNTS];
	int mount_count;
	uint64_t kept; /* the capabilities that the program keeps, one bit each */
	int64_t uid; /* inside the namespace; -1: unchanged */
	int64_t gid;
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
	MESSAGE_SELF, /* carries the child's own directory in /proc */
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
	char detail[4608]; /* the longest possible path, and the kernel's words about it */
};
struct message make_message(enum message_kind kind, int number, const char *stage, const char *detail);
int send_message(int socket, const struct message *message, int fd);
/*
 * 1: a message, 0: the other side is gone, -1: errno. *fd is -1 if none came with it; otherwise the caller closes it.
 */
int receive_message(int socket, struct message *message, int *fd);
bool send_word(int socket);
bool receive_word(int socket);

/* child.c */
_Noreturn void run_child(const struct request *request, int socket, pid_t supervisor);

/* mounts.c */
int open_bpf_context(void);
int make_mounts_private(void);
/*
 * The mount, or -1 with errno and the failed step. *device tells the file system apart from every other, also in
 * mountinfo.
 */
int attach_context(int context, const char *path, dev_t *device, const char **step);
/* Removes a mount, wherever its path leads by now. Changes the working directory. */
void detach(int tree);
/* 0, or -1 with errno and *problem naming the option or `create`, with the kernel's own words if any. */
int configure_context(int context, const struct mount_request *mount, struct message *problem);
int bring_loopback_up(void);

/* capabilities.c: NULL, or the name of the step that failed, with errno. */
const char *become(const struct request *request);
const char *keep_capabilities(const struct request *request);
int keep_only_kill(void);

/* isolate.c: NULL, or the name of the step that failed, with errno. */
/* In the supervisor: makes a mount namespace with the covers and views. The child's will be a copy of it. */
const char *arrange_mounts(const struct request *request, const char **detail);
/* Like fork(2), but into new namespaces of every kind that an isolated run has. */
pid_t fork_isolated(const struct request *request);
/* In the child, once its ids are mapped: becomes root of the namespace, without what came from the caller. */
const char *leave_caller(void);
const char *mount_own_proc(void);
/* Forks, and returns in the child. This process becomes init, which ends when the child does. */
const char *become_init(int channel);
int keep_descriptors(const struct request *request);

/* proc.c */
bool open_proc(void);
int proc_descriptor(void);
int open_in_proc(const char *path, int flags);
/* The number of this process in /proc, which may differ from getpid(). -1 if it has none there. */
int own_number(void);
/* Kills the process that has this number in /proc. */
void kill_process(const char *number);
/* The root directory of a pidfd's process. */
int open_root_of(int process);

/* control.c: false, with errno, if the report did not reach the caller. */
bool tell_error(int control, int link, const char *stage, int number, const char *detail);
bool tell_mounted(int control, int link, pid_t pid, const char *devices, const char *mountinfo);

/* reap.c */
/*
 * Kills everything below this process, and returns when nothing is left. `seen` gets the statuses of children that are
 * reaped on the way.
 */
void kill_descendants(int signals, void (*seen)(pid_t pid, int status, void *data), void *data);

/* guard.c (the front process) and supervisor.c (the one above the program) */
_Noreturn void run_guard(const struct request *request, int link, int signals, pid_t supervisor);
_Noreturn void run_supervisor(struct request *request, int link);

/* signals.c */
int open_signals(sigset_t *original_mask);
/*
 * Only the descriptors in `kept` stay open, and 0 to 2 become /dev/null. A process that waits for the end of a pipe
 * must wait for the program, not for this process.
 */
void close_all_but(const int *kept, int count);

#endif
