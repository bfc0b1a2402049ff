#include "ns.h"

#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Faults of this program itself. If they were blocked, they would repeat without end. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

/*
 * Signals are blocked and not handled: no handler, no race, and the program gets the original mask back. Every signal
 * that somebody may send is for the program, including real-time signals.
 */
int open_signals(sigset_t *original_mask)
{
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&set, faults[i]);
	if (sigprocmask(SIG_BLOCK, &set, original_mask) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool is_kept(int fd, const int *kept, int count)
{
	for (int i = 0; i < count; i++) {
		if (kept[i] == fd)
			return true;
	}
	return false;
}

static void close_between(unsigned first, unsigned last)
{
	if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
		return;
	long limit = sysconf(_SC_OPEN_MAX);
	for (unsigned fd = first; fd <= last && (long)fd < limit; fd++)
		close((int)fd);
}

void close_all_but(const int *kept, int count)
{
	int highest = 2;

	for (int i = 0; i < count; i++) {
		if (kept[i] > highest)
			highest = kept[i];
	}
	for (int fd = 3; fd < highest; fd++) {
		if (!is_kept(fd, kept, count))
			close(fd);
	}
	close_between((unsigned)highest + 1, ~0U);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2; fd++) {
		if (is_kept(fd, kept, count))
			continue;
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	}
	if (null > 2)
		close(null);
}
