/*
 * Isolation against hostile code: what an isolated run has beside its user and mount namespace.
 *
 *   supervisor ── init (process 1 of a PID namespace) ── the program
 *
 * The ids lead to an unprivileged range, so the kernel takes nothing here for the host's root. What is
 * mounted before the namespaces are made is locked in them: nobody inside can take it away, whatever
 * capabilities it has there. When init ends, the kernel kills everything in its PID namespace.
 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TREE_CLONE = 1, /* OPEN_TREE_CLONE; the others are of linux/mount.h too, whose names clash with libc's */
	RECURSIVE = 0x8000, /* AT_RECURSIVE */
	FROM_EMPTY_PATH = 4, /* MOVE_MOUNT_F_EMPTY_PATH */
	READ_ONLY_NOSUID_NODEV = 1 | 2 | 4, /* MOUNT_ATTR_* */
	CLOSE_ON_EXEC = 4, /* CLOSE_RANGE_CLOEXEC */
};

struct attributes { /* struct mount_attr */
	uint64_t set, clear, propagation, userns;
};

/* A detached, read-only copy of what is at `path`. Modes and owners stay as they are. */
static int open_view(const char *path)
{
	const struct attributes attributes = {.set = READ_ONLY_NOSUID_NODEV};
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | O_CLOEXEC | RECURSIVE);

	if (tree < 0)
		return -1;
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | RECURSIVE, &attributes, sizeof(attributes)) == 0)
		return tree;
	int saved = errno;
	close(tree);
	errno = saved;
	return -1;
}

/* Makes the missing folders on the way to `path`, below a cover, and at the end a folder or a file, like `tree`. */
static int make_place(const char *path, int tree)
{
	char part[4096];
	struct stat status;

	if (strlen(path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(part, path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	if (fstat(tree, &status) < 0)
		return -1;
	if (S_ISDIR(status.st_mode))
		return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (file < 0)
		return -1;
	return close(file);
}

static int cover(const char *path)
{
	int result = mount("ebpf-ts", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=1m");

	return result < 0 && errno == ENOENT ? 0 : result; /* it has gone, so there is nothing to hide */
}

static int place_view(const char *path, int tree)
{
	if (make_place(path, tree) < 0)
		return -1;
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, FROM_EMPTY_PATH);
}

static const char *arrange(const struct request *request, const char **detail)
{
	int trees[MAX_PLACES];

	/* All views come first: a cover may hide what they show. */
	for (int i = 0; i < request->place_count; i++) {
		*detail = request->places[i].path;
		if (request->places[i].view && (trees[i] = open_view(*detail)) < 0)
			return "view";
	}
	for (int i = 0; i < request->place_count; i++) {
		*detail = request->places[i].path;
		if (!request->places[i].view) {
			if (cover(*detail) < 0)
				return "cover";
			continue;
		}
		if (place_view(*detail, trees[i]) < 0)
			return "view";
		close(trees[i]);
	}
	*detail = "";
	return NULL;
}

const char *arrange_mounts(const struct request *request, const char **detail)
{
	*detail = "";
	if (unshare(CLONE_NEWNS) < 0)
		return "mounts";
	if (make_mounts_private() < 0)
		return "private";
	mode_t mask = umask(0);
	const char *failed = arrange(request, detail);
	umask(mask);
	return failed;
}

pid_t fork_isolated(const struct request *request)
{
	unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;

	if (request->net)
		flags |= CLONE_NEWNET;
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

/* A separate session: without the caller's terminal, and not reached by signals to its process group. */
const char *leave_caller(void)
{
	if (setgroups(0, NULL) < 0)
		return "groups";
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return "become";
	if (setsid() < 0)
		return "session";
	/* Every process that shares the caller's session keyring could use the caller's keys. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return "keyring";
	return NULL;
}

static int forbid(const char *path)
{
	int limit = open(path, O_WRONLY | O_CLOEXEC);

	if (limit < 0)
		return -1;
	ssize_t wrote = write(limit, "0", 1);
	int saved = errno;
	close(limit);
	errno = saved;
	return wrote == 1 ? 0 : -1;
}

const char *mount_own_proc(void)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return "ownproc";
	/*
	 * In a user namespace of its own the program would have every capability, and in a cgroup namespace it could mount
	 * the cgroups that are covered.
	 */
	if (forbid("/proc/sys/user/max_user_namespaces") < 0)
		return "nested";
	return forbid("/proc/sys/user/max_cgroup_namespaces") < 0 ? "nested" : NULL;
}

int keep_descriptors(const struct request *request)
{
	if (syscall(SYS_close_range, 3, ~0U, CLOSE_ON_EXEC) < 0)
		return -1;
	/* A descriptor that is not open cannot be kept. */
	for (int i = 0; i < request->pass_count; i++)
		fcntl(request->passes[i], F_SETFD, 0);
	return 0;
}

/* Nobody inside may look into init, stop it, or take its capabilities. */
static const char *harden_init(void)
{
	if (keep_only_kill() < 0)
		return "capset";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "nonewprivs";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return "dumpable";
	/* Last, because every change of credentials clears it. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? "pdeathsig" : NULL;
}

static void pass_on(int signals, pid_t program)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		/* The sender has no number here: the signal came from outside, and is not for init itself. */
		if (info.ssi_signo != SIGCHLD && info.ssi_pid == 0)
			kill(program, (int)info.ssi_signo);
	}
}

static _Noreturn void run_init(int channel, int signals, pid_t program)
{
	const int kept[] = {channel, signals};

	close_all_but(kept, 2);
	for (;;) {
		struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = channel, .events = POLLIN}};
		if (poll(events, 2, -1) < 0)
			continue;
		if (events[1].revents)
			_exit(EXIT_SETUP); /* the supervisor is gone */
		pass_on(signals, program);
		for (int status;;) {
			pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
			if (pid <= 0)
				break;
			if (pid != program)
				continue;
			struct message message = make_message(MESSAGE_ENDED, status, "", "");
			send_message(channel, &message, -1);
			_exit(0);
		}
	}
}

const char *become_init(int channel)
{
	sigset_t unused;
	int signals = open_signals(&unused);

	if (signals < 0)
		return "signals";
	pid_t program = fork();
	if (program < 0)
		return "fork";
	if (program == 0) {
		close(signals);
		/* Keeps init out of the program's process group. And the group is not an orphan, which could not be stopped. */
		if (setpgid(0, 0) < 0)
			return "session";
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? "nonewprivs" : NULL;
	}
	const char *failed = harden_init();
	if (failed) {
		kill(program, SIGKILL);
		return failed;
	}
	run_init(channel, signals, program);
}
