/*
 * /proc may be that of another PID namespace, as after `unshare --pid` alone, or in a container that mounts its host's.
 * Then its numbers are not those that fork() and kill() use. So nothing is looked up in it by a number of ours. A
 * process finds itself through /proc/self, and its children through the list in there. A signal goes to the process
 * whose directory was opened. /proc itself says which number a pidfd has in it.
 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Opened once, so that later mounts and unmounts make no difference. */
static int proc = -1;

bool open_proc(void)
{
	struct statfs status;

	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || fstatfs(proc, &status) < 0)
		return false;
	if (status.f_type != PROC_SUPER_MAGIC) {
		errno = ENOENT;
		return false;
	}
	return own_number() > 0; /* if its namespace does not hold this process, /proc has no "self" */
}

int proc_descriptor(void)
{
	return proc;
}

int open_in_proc(const char *path, int flags)
{
	return openat(proc, path, flags | O_CLOEXEC);
}

int own_number(void)
{
	char text[16];
	ssize_t length = readlinkat(proc, "self", text, sizeof(text) - 1);

	if (length < 0)
		return -1;
	text[length] = 0;
	return atoi(text);
}

void kill_process(const char *number)
{
	/* Such a directory works as a pidfd, but not if it was opened with O_PATH. */
	int process = open_in_proc(number, O_RDONLY | O_DIRECTORY);
	if (process < 0)
		return;
	syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
	close(process);
}

static int number_of(int process)
{
	char path[48], line[128];
	int number = -1;

	snprintf(path, sizeof(path), "self/fdinfo/%d", process);
	int fd = open_in_proc(path, O_RDONLY);
	FILE *info = fd < 0 ? NULL : fdopen(fd, "r");
	if (!info)
		return -1;
	while (fgets(line, sizeof(line), info) && sscanf(line, "Pid: %d", &number) != 1)
		continue;
	fclose(info);
	if (number > 0)
		return number;
	errno = ESRCH;
	return -1;
}

int open_root_of(int process)
{
	char path[32];
	int number = number_of(process);

	if (number < 0)
		return -1;
	snprintf(path, sizeof(path), "%d/root", number);
	int root = open_in_proc(path, O_PATH | O_DIRECTORY);
	/* The number belonged to the process if it still lives. */
	if (root >= 0 && syscall(SYS_pidfd_send_signal, process, 0, NULL, 0) < 0) {
		close(root);
		errno = ESRCH;
		return -1;
	}
	return root;
}
