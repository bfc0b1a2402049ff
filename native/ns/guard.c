/*
 * The front process, which the caller started, sees and signals. It passes signals down, and the program's end up. If
 * the supervisor is killed, everything below comes to this process, which then kills it. If this process is killed, the
 * supervisor sees the link close and does the same.
 */
#include "ns.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends this process the way the program ended. */
static _Noreturn void end_like(int status)
{
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	int number = WTERMSIG(status);
	/* Node has no names for real-time signals, and shows an end by such a signal as status 0. */
	if (number > SIGSYS)
		_exit(128 + number);
	struct rlimit none = {0, 0};
	sigset_t set;
	setrlimit(RLIMIT_CORE, &none); /* only the program's core matters */
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number); /* the first process of a PID namespace cannot kill itself */
}

static void pass_signals(const struct request *request, int signals, int link)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		/*
		 * The terminal signals the whole foreground group. So the program has the signal already, unless it has its own
		 * session.
		 */
		if (info.ssi_code == SI_KERNEL && !request->isolate)
			continue;
		char number = (char)info.ssi_signo;
		send(link, &number, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

struct ending {
	pid_t supervisor;
	int status;
};

static void note_supervisor(pid_t pid, int status, void *data)
{
	struct ending *ending = data;

	if (pid == ending->supervisor)
		ending->status = status;
}

_Noreturn void run_guard(const struct request *request, int link, int signals, pid_t supervisor)
{
	struct ending ending = {.supervisor = supervisor, .status = EXIT_SETUP << 8};
	int status;
	const int kept[] = {link, signals, proc_descriptor()};

	close_all_but(kept, 3);
	for (;;) {
		struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = link, .events = POLLIN}};
		if (poll(events, 2, -1) < 0)
			continue;
		if (events[0].revents)
			pass_signals(request, signals, link);
		if (!events[1].revents)
			continue;
		ssize_t got = recv(link, &status, sizeof(status), 0);
		if (got < 0 && errno == EINTR)
			continue;
		/* It is our own child and not reaped yet, so the number still belongs to it. */
		if (got != (ssize_t)sizeof(status))
			kill(supervisor, SIGKILL);
		kill_descendants(signals, note_supervisor, &ending);
		end_like(got == (ssize_t)sizeof(status) ? status : ending.status);
	}
}
