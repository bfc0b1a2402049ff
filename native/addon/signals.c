/*
 * Who sent a signal. The runtime's handlers do not look, so a handler in front of them counts the signals that a
 * process sent. The others come from the kernel, for example when a key of the terminal is pressed.
 */
#include "addon.h"
#include "raw-syscall.h"

#include <errno.h>
#include <signal.h>

#define HIGHEST 64

/* As the kernel defines it on x86-64 and arm64. The struct sigaction of libc differs from libc to libc. */
struct action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* For the whole process, as handlers are. Only signal handlers and the thread that installs them come here. */
static struct action runtimes[HIGHEST + 1];
static uint32_t sent[HIGHEST + 1];

static void count(int number, siginfo_t *info, void *context)
{
	if (info->si_code != SI_KERNEL)
		__atomic_fetch_add(&sent[number], 1, __ATOMIC_RELAXED);
	runtimes[number].handler(number, info, context);
}

static int64_t action_of(int number, const struct action *next, struct action *previous)
{
	return raw_syscall(__NR_rt_sigaction, number, (int64_t)(intptr_t)next, (int64_t)(intptr_t)previous,
	                   sizeof(next->mask), 0, 0);
}

/* Puts `count` in front of the current handler, and again if the runtime has put its own back since. */
static int64_t watch(int number)
{
	struct action now;
	int64_t error = action_of(number, NULL, &now);

	if (error < 0 || now.handler == count)
		return error;
	if ((uintptr_t)now.handler <= (uintptr_t)SIG_IGN)
		return -EINVAL;
	runtimes[number] = now;
	now.handler = count;
	now.flags |= SA_SIGINFO;
	return action_of(number, &now, NULL);
}

/*
 * signalsSent(number): how many times a process sent this signal since the last call, or a negated errno: EINVAL if the
 * runtime has no handler for it
 */
napi_value js_signals_sent(napi_env env, napi_callback_info info)
{
	napi_value argv[1];
	size_t argc = 1;
	uint32_t number;
	int64_t error;

	TRY(env, napi_get_cb_info(env, info, &argc, argv, NULL, NULL));
	TRY(env, napi_get_value_uint32(env, argv[0], &number));
	error = number == 0 || number > HIGHEST ? -EINVAL : watch((int)number);
	if (error < 0)
		return number_of(env, error);
	return number_of(env, __atomic_exchange_n(&sent[number], 0, __ATOMIC_RELAXED));
}
