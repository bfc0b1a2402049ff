/*
 * The process above the program. It keeps the caller's privileges. It writes the id maps, configures the file system,
 * and waits for the caller's word. It leaves nothing behind when the program, the front process or the caller ends.
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
#include <time.h>
#include <unistd.h>

struct supervisor {
	const struct request *request;
	int link;
	int signals;
	int channel; /* to the child; -1 once it has become the program */
	int directory; /* the child's own directory in /proc; -1 until it arrives */
	pid_t child;
	int status; /* how the child ended */
	bool ended;
	int configured; /* how many of the mounts have their options */
	bool waiting; /* mounted, but the caller has not decided */
	bool started; /* the caller has decided: the set-up is over */
	bool told; /* isolated: init has said how the program ended */
};

/* How many milliseconds a child in the namespaces of others has to remove its mounts. A path there may hang. */
enum { UNDO_MS = 2000 };

static void tell_caller(const struct supervisor *self, const struct message *error)
{
	tell_error(self->request->control, self->link, error->stage, error->number, error->detail);
}

static void note_child(pid_t pid, int status, void *data)
{
	struct supervisor *self = data;

	if (pid != self->child)
		return;
	if (!self->told)
		self->status = status;
	self->ended = true;
}

static void await_undo(struct supervisor *self)
{
	struct signalfd_siginfo info;
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (long left = UNDO_MS; left > 0;) {
		int status;
		if (waitpid(self->child, &status, WNOHANG) == self->child) {
			self->ended = true;
			return;
		}
		struct pollfd signalled = {.fd = self->signals, .events = POLLIN};
		poll(&signalled, 1, (int)left);
		while (read(self->signals, &info, sizeof(info)) > 0)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = UNDO_MS - (now.tv_sec - start.tv_sec) * 1000 - (now.tv_nsec - start.tv_nsec) / 1000000;
	}
}

static _Noreturn void finish(struct supervisor *self)
{
	bool ended = self->ended;
	int status = self->status;

	/* A child that waits for a word ends now. In the namespaces of others, it removes its mounts first. */
	if (self->channel >= 0)
		close(self->channel);
	if (!ended && self->request->enter)
		await_undo(self);
	/* It is our own child and not reaped yet, so the number still belongs to it. */
	if (!self->ended)
		kill(self->child, SIGKILL);
	kill_descendants(self->signals, note_child, self);
	/* A child that was killed here did not end by itself. So the set-up or the caller failed. */
	if (!ended)
		status = EXIT_SETUP << 8;
	send(self->link, &status, sizeof(status), MSG_NOSIGNAL);
	_exit(0);
}

static _Noreturn void fail(struct supervisor *self, const char *stage, int number, const char *detail)
{
	tell_error(self->request->control, self->link, stage, number, detail);
	finish(self);
}

static int write_file(int directory, const char *name, const char *text)
{
	int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t wrote = write(fd, text, strlen(text));
	int saved = wrote >= 0 && (size_t)wrote != strlen(text) ? EIO : errno;
	close(fd);
	errno = saved;
	return wrote == (ssize_t)strlen(text) ? 0 : -1;
}

static const char *write_maps(const struct supervisor *self)
{
	const struct request *request = self->request;
	int directory = self->directory;

	if (request->deny_setgroups && write_file(directory, "setgroups", "deny") < 0)
		return "setgroups";
	if (request->uid_map && write_file(directory, "uid_map", request->uid_map) < 0)
		return "uid_map";
	if (request->gid_map && write_file(directory, "gid_map", request->gid_map) < 0)
		return "gid_map";
	return NULL;
}

static bool lists(const char *devices, const char *device, size_t length)
{
	for (const char *at = devices; *at; at += strspn(at, " ")) {
		size_t each = strcspn(at, " ");
		if (each == length && memcmp(at, device, length) == 0)
			return true;
		at += each;
	}
	return false;
}

/* The lines of the child's mountinfo about these devices (the third field). */
static int read_mounts(const struct supervisor *self, const char *devices, char *text, size_t size)
{
	char *line = NULL;
	size_t room = 0, used = 0;
	int fd = openat(self->directory, "mountinfo", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file)
		return -1;
	text[0] = 0;
	for (ssize_t length; (length = getline(&line, &room, file)) > 0;) {
		const char *device = strchr(line, ' ');
		device = device ? strchr(device + 1, ' ') : NULL;
		if (!device || !lists(devices, device + 1, strcspn(device + 1, " ")))
			continue;
		if ((size_t)length >= size - used) {
			fclose(file);
			free(line);
			errno = EMSGSIZE;
			return -1;
		}
		memcpy(text + used, line, (size_t)length + 1);
		used += (size_t)length;
	}
	fclose(file);
	free(line);
	return 0;
}

static void show_mounts(struct supervisor *self, const char *devices)
{
	static char mountinfo[60 * 1024];

	if (read_mounts(self, devices, mountinfo, sizeof(mountinfo)) < 0)
		fail(self, "mountinfo", errno, "");
	self->waiting = true;
	if (!tell_mounted(self->request->control, self->link, self->child, devices, mountinfo))
		finish(self);
}

/* Messages come from our own program, before it becomes another. But they come from inside other namespaces. */
static void answer(struct supervisor *self, const struct message *message, int *fd)
{
	struct message problem;
	const char *failed;
	bool setting_up = message->kind != MESSAGE_ENDED && message->kind != MESSAGE_ERROR;

	if (setting_up && self->started)
		return;
	switch (message->kind) {
	case MESSAGE_ENDED:
		self->told = true;
		self->status = message->number;
		return;
	case MESSAGE_SELF:
		if (*fd < 0 || self->directory >= 0)
			fail(self, "receive", EPROTO, "");
		self->directory = *fd;
		*fd = -1;
		return;
	case MESSAGE_NAMESPACES:
		if (self->directory < 0 || self->request->enter)
			fail(self, "receive", EPROTO, "");
		failed = write_maps(self);
		if (failed)
			fail(self, failed, errno, "");
		send_word(self->channel);
		return;
	case MESSAGE_CONTEXT:
		if (*fd < 0 || message->number != self->configured || self->configured == self->request->mount_count) {
			fail(self, "receive", EPROTO, "");
		}
		if (configure_context(*fd, &self->request->mounts[self->configured++], &problem) < 0) {
			tell_caller(self, &problem);
			finish(self);
		}
		send_word(self->channel);
		return;
	case MESSAGE_MOUNTED:
		if (self->directory < 0 || self->waiting)
			fail(self, "receive", EPROTO, "");
		show_mounts(self, message->detail);
		return;
	default:
		tell_caller(self, message);
	}
}

static void hear_child(struct supervisor *self)
{
	struct message message;
	int fd = -1;
	int got = receive_message(self->channel, &message, &fd);

	if (got > 0)
		answer(self, &message, &fd);
	if (fd >= 0)
		close(fd);
	if (got > 0)
		return;
	/* The channel is close-on-exec, so it closes when the program starts or the child ends. */
	close(self->channel);
	self->channel = -1;
}

static void hear_caller(struct supervisor *self)
{
	char word;
	ssize_t got = recv(self->request->control, &word, 1, 0);

	if (got < 0 && errno == EINTR)
		return;
	if (got != 1 || word != GO || !self->waiting)
		finish(self); /* the caller is gone, or said to stop */
	self->waiting = false;
	self->started = true;
	send_word(self->channel);
}

static void hear_signals(struct supervisor *self)
{
	struct signalfd_siginfo info;

	while (read(self->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD && info.ssi_code != SI_KERNEL)
			kill(self->child, (int)info.ssi_signo);
	}
	for (int status; !self->ended;) {
		pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
		if (pid <= 0)
			break;
		note_child(pid, status, self);
	}
}

static void hear_guard(struct supervisor *self)
{
	char number;
	ssize_t got = recv(self->link, &number, 1, 0);

	if (got < 0 && errno == EINTR)
		return;
	if (got != 1)
		finish(self);
	kill(self->child, number);
}

/* Before there is a child. */
static _Noreturn void give_up(const struct supervisor *self, const char *stage, const char *detail)
{
	tell_error(self->request->control, self->link, stage, errno, detail);
	_exit(EXIT_SETUP);
}

static void start_child(struct supervisor *self)
{
	int pair[2];
	pid_t own = getpid();

	if (self->request->isolate) {
		const char *detail;
		const char *failed = arrange_mounts(self->request, &detail);
		if (failed)
			give_up(self, failed, detail);
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		give_up(self, "socketpair", "");
	self->child = self->request->isolate ? fork_isolated(self->request) : fork();
	if (self->child < 0) {
		give_up(self, self->request->isolate && errno != EAGAIN ? "unshare" : "fork", "");
	}
	if (self->child == 0) {
		/* What the child shares with the others would outlive them in the child. */
		close(pair[0]);
		close(self->link);
		close(self->signals);
		run_child(self->request, pair[1], own);
	}
	close(pair[1]);
	self->channel = pair[0];
}

_Noreturn void run_supervisor(struct request *request, int link)
{
	struct supervisor self = {.request = request, .link = link, .channel = -1, .directory = -1};
	sigset_t unused;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	self.signals = open_signals(&unused);
	if (self.signals < 0)
		give_up(&self, "signalfd", "");
	start_child(&self);
	/* Leaves the caller's process group, so that a SIGKILL to the whole group leaves one process to clean up. */
	setpgid(0, 0);
	const int kept[] = {link, self.signals, self.channel, request->control, proc_descriptor()};
	close_all_but(kept, 5);
	while (!self.ended) {
		struct pollfd events[] = {
			{.fd = self.channel, .events = POLLIN},
			{.fd = request->control, .events = POLLIN},
			{.fd = link, .events = POLLIN},
			{.fd = self.signals, .events = POLLIN},
		};
		if (poll(events, 4, -1) < 0)
			continue;
		/* The child's last messages come first: its error must be reported before its end is noticed. */
		if (events[0].revents)
			hear_child(&self);
		else if (events[3].revents)
			hear_signals(&self);
		else if (events[2].revents)
			hear_guard(&self);
		else if (events[1].revents)
			hear_caller(&self);
	}
	finish(&self);
}
