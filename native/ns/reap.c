#include "ns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The list that the kernel keeps, if it is built in (CONFIG_PROC_CHILDREN). */
static bool kill_listed(void)
{
	char number[16];
	int fd = open_in_proc("thread-self/children", O_RDONLY);
	FILE *list = fd < 0 ? NULL : fdopen(fd, "r");

	if (!list)
		return false;
	while (fscanf(list, "%15s", number) == 1)
		kill_process(number);
	fclose(list);
	return true;
}

/* Otherwise, asks every process for its parent: the second field after the name's closing bracket. */
static void kill_found(void)
{
	int own = own_number();
	int fd = open_in_proc(".", O_RDONLY | O_DIRECTORY);
	DIR *processes = own < 0 || fd < 0 ? NULL : fdopendir(fd);

	if (!processes) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(processes));) {
		char path[300], line[512];
		int parent = 0;
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "%s/stat", entry->d_name);
		int stat = open_in_proc(path, O_RDONLY);
		if (stat < 0)
			continue;
		ssize_t got = read(stat, line, sizeof(line) - 1);
		close(stat);
		line[got > 0 ? got : 0] = 0;
		const char *end = strrchr(line, ')');
		if (end && sscanf(end + 1, " %*c %d", &parent) == 1 && parent == own)
			kill_process(entry->d_name);
	}
	closedir(processes);
}

/*
 * Signals only its own children: their numbers cannot be reused before they are reaped here. Their orphans come to this
 * process, a subreaper, and the next round finds them. The list may miss an entry while others end, so nothing waits
 * for ever: each round ends after 20 ms at the latest.
 */
void kill_descendants(int signals, void (*seen)(pid_t, int, void *), void *data)
{
	for (;;) {
		if (!kill_listed())
			kill_found();
		for (;;) {
			int status;
			pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
			if (pid < 0 && errno == ECHILD)
				return;
			if (pid <= 0)
				break;
			if (seen)
				seen(pid, status, data);
		}
		struct pollfd ended = {.fd = signals, .events = POLLIN};
		struct signalfd_siginfo info;
		poll(&ended, 1, 20);
		while (read(signals, &info, sizeof(info)) > 0)
			continue;
	}
}
