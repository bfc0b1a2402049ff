/* The library's own threads, and the signals that they and the system calls leave to others. */
#include "thread.h"

#include "raw-syscall.h"

#include <signal.h>

static int64_t signal_mask(int how, const uint64_t *set, uint64_t *old)
{
	return raw_syscall(__NR_rt_sigprocmask, how, (int64_t)(intptr_t)set, (int64_t)(intptr_t)old, sizeof(uint64_t),
	                   0, 0);
}

int start_thread(pthread_t *thread, void *(*body)(void *), void *data)
{
	const uint64_t all = UINT64_MAX;
	uint64_t before;

	/* Signals belong to the program's threads. */
	signal_mask(SIG_BLOCK, &all, &before);
	const int error = pthread_create(thread, NULL, body, data);
	signal_mask(SIG_SETMASK, &before, NULL);
	return error;
}

bool hold_signals(uint64_t *before)
{
	/* Faults, requests to end, and the signals that libc uses between its threads (numbers 32 to 34). */
	static const uint64_t passed = UINT64_C(1) << (SIGHUP - 1) | UINT64_C(1) << (SIGINT - 1) |
	                               UINT64_C(1) << (SIGQUIT - 1) | UINT64_C(1) << (SIGTERM - 1) |
	                               UINT64_C(1) << (SIGILL - 1) | UINT64_C(1) << (SIGTRAP - 1) |
	                               UINT64_C(1) << (SIGABRT - 1) | UINT64_C(1) << (SIGBUS - 1) |
	                               UINT64_C(1) << (SIGFPE - 1) | UINT64_C(1) << (SIGSEGV - 1) |
	                               UINT64_C(1) << (SIGSYS - 1) | UINT64_C(7) << 31;
	const uint64_t held = ~passed;

	return signal_mask(SIG_BLOCK, &held, before) == 0;
}

void release_signals(const uint64_t *before)
{
	signal_mask(SIG_SETMASK, before, NULL);
}
