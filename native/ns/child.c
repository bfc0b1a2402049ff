/* The child: enters or makes the namespaces, mounts, gives up capabilities and becomes the program. */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct request *request;
static int channel;
static int attached[MAX_MOUNTS]; /* the mounts that are in place */
static int attached_count;

/* New namespaces take their mounts along when they end. In the namespaces of others, the mounts must be undone. */
static void undo(void)
{
	while (request->enter && attached_count > 0)
		detach(attached[--attached_count]);
}

static _Noreturn void fail_with(int status, const char *stage, const char *detail)
{
	struct message message = make_message(MESSAGE_ERROR, errno, stage, detail);

	undo();
	send_message(channel, &message, -1);
	_exit(status);
}

static _Noreturn void fail(const char *stage, const char *detail)
{
	fail_with(EXIT_SETUP, stage, detail);
}

/* Reports a step, and waits until the supervisor has done its part. */
static void report(enum message_kind kind, int number, int fd, const char *detail)
{
	struct message message = make_message(kind, number, "", detail);

	if (send_message(channel, &message, fd) < 0)
		fail("send", "");
	if (receive_word(channel))
		return;
	undo();
	_exit(EXIT_SETUP); /* the supervisor is gone, or gave up */
}

/* The supervisor cannot know the number of this process in /proc, so it gets the directory itself. */
static void introduce(void)
{
	struct message message = make_message(MESSAGE_SELF, 0, "", "");
	int directory = open_in_proc("self", O_PATH | O_DIRECTORY);

	if (directory < 0)
		fail("proc", "");
	if (send_message(channel, &message, directory) < 0)
		fail("send", "");
	close(directory);
}

static void make_namespaces(void)
{
	int flags = CLONE_NEWUSER | CLONE_NEWNS | (request->net ? CLONE_NEWNET : 0);

	if (unshare(flags) < 0)
		fail("unshare", "");
	report(MESSAGE_NAMESPACES, 0, -1, "");
	if (request->net && bring_loopback_up() < 0)
		fail("loopback", "");
	if (make_mounts_private() < 0)
		fail("private", "/");
}

static void check(const char *failed, const char *detail)
{
	if (failed)
		fail(failed, detail);
}

/* The namespaces exist: this process was made in them. */
static void settle_namespaces(void)
{
	report(MESSAGE_NAMESPACES, 0, -1, "");
	check(leave_caller(), "");
	if (request->net && bring_loopback_up() < 0)
		fail("loopback", "");
	check(mount_own_proc(), "/proc");
}

/* By pidfd, so that both namespaces and the root belong to the same process. */
static void enter_namespaces(pid_t pid)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);

	if (process < 0)
		fail("pidfd_open", "");
	int root = open_root_of(process);
	if (root < 0)
		fail("open", "");
	/* Others are root in there. If they could trace this process, they would hold our ends of the sockets. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		fail("dumpable", "");
	if (setns(process, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		fail("setns", "");
	/* The process may see less than its mount namespace holds, so resolve the path as it would. */
	if (fchdir(root) < 0 || chroot(".") < 0)
		fail("chroot", "");
	close(root);
	close(process);
}

/* Writes `major:minor`, and fails where it does not fit: a list that was cut would name another device. */
static size_t add_device(char *text, size_t room, const char *separator, dev_t device)
{
	int length = snprintf(text, room, "%s%u:%u", separator, major(device), minor(device));

	if (length < 0 || (size_t)length >= room) {
		errno = EOVERFLOW;
		fail("send", "");
	}
	return (size_t)length;
}

static void mount_all(void)
{
	char devices[MAX_MOUNTS * 24 + 1] = "";
	size_t used = 0;

	for (int i = 0; i < request->mount_count; i++) {
		int context = open_bpf_context();
		if (context < 0)
			fail("fsopen", "");
		report(MESSAGE_CONTEXT, i, context, "");
		dev_t device;
		const char *step;
		int tree = attach_context(context, request->mounts[i].path, &device, &step);
		if (tree < 0)
			fail(step, request->mounts[i].path);
		attached[attached_count++] = tree;
		used += add_device(devices + used, sizeof(devices) - used, i > 0 ? " " : "", device);
		close(context);
	}
	report(MESSAGE_MOUNTED, 0, -1, devices);
}

_Noreturn void run_child(const struct request *what, int socket, pid_t supervisor)
{
	request = what;
	channel = socket;
	introduce();
	if (request->enter) {
		enter_namespaces(request->enter);
	} else if (request->isolate) {
		settle_namespaces();
	} else {
		make_namespaces();
	}
	mount_all();
	if (!request->command)
		_exit(0);
	if (request->isolate) {
		check(become_init(channel), "");
		supervisor = getppid();
	}
	check(become(request), "");
	const char *failed = keep_capabilities(request);
	if (failed)
		fail("capabilities", failed);
	if (request->directory && chdir(request->directory) < 0)
		fail("chdir", request->directory);
	/* Last, because every change of credentials clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		fail("pdeathsig", "");
	if (getppid() != supervisor)
		_exit(EXIT_SETUP);
	sigprocmask(SIG_SETMASK, &request->original_mask, NULL);
	const char *file = request->command[0];
	if (request->isolate && keep_descriptors(request) < 0)
		fail("descriptors", "");
	if (request->argv0)
		request->command[0] = (char *)(uintptr_t)request->argv0;
	execvp(file, request->command);
	fail_with(errno == ENOENT || errno == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN, "exec", file);
}
