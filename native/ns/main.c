/*
 * ebpf-ts-ns: runs a program in a new user and mount namespace with delegated bpffs mounts, or mounts
 * one in the namespaces of a running process. It decides nothing: ids, options, paths and capabilities
 * come from the command line, and the caller looks at the result before the program starts.
 *
 *   caller ── guard ── supervisor ── child, later the program ── its descendants
 *     └──── control ──────┘
 *
 * Four processes, because any of them may be killed at any moment and nothing may stay behind: the one
 * of guard and supervisor that is left kills the rest, and both see it when the caller is gone.
 *
 * On the control socket the helper writes frames (see control.c) with the fields
 *   mounted, pid, devices, mountinfo  everything is in place in process pid, the file systems' devices (major:minor)
 *                                     in the order of the mounts, and the lines about them that /proc shows to that
 *                                     process; waits for one byte: `g` to go on, any other to stop
 *   error, stage, errno, detail       and ends with status 125, 126 or 127
 * and closes it when nothing is left.
 */
#include "ns.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct option options[] = {
	{"control", required_argument, NULL, 'c'}, {"enter", required_argument, NULL, 'e'},
	{"net", no_argument, NULL, 'n'},           {"deny-setgroups", no_argument, NULL, 'd'},
	{"uid-map", required_argument, NULL, 'U'}, {"gid-map", required_argument, NULL, 'G'},
	{"mount", required_argument, NULL, 'm'},   {"option", required_argument, NULL, 'o'},
	{"keep", required_argument, NULL, 'k'},    {"uid", required_argument, NULL, 'u'},
	{"gid", required_argument, NULL, 'g'},     {"argv0", required_argument, NULL, 'a'},
	{"isolate", no_argument, NULL, 'i'},       {"cover", required_argument, NULL, 'C'},
	{"view", required_argument, NULL, 'V'},    {"pass", required_argument, NULL, 'p'},
	{"directory", required_argument, NULL, 'D'},
	{"refuse", no_argument, NULL, 'r'},        {NULL, 0, NULL, 0},
};

/* The next higher id means "none" to the kernel. */
static const uint64_t MAX_ID = UINT32_MAX - 1;

static struct request request = {.control = -1, .uid = -1, .gid = -1};

static _Noreturn void refuse(const char *stage, int number, const char *detail)
{
	if (request.control < 0 || !tell_error(request.control, -1, stage, number, detail)) {
		fprintf(stderr, "ebpf-ts-ns: %s: %s\n", *detail ? detail : stage, strerror(number));
	}
	exit(EXIT_SETUP);
}

static _Noreturn void usage(const char *problem)
{
	refuse("usage", EINVAL, problem);
}

/* Only digits, so that neither a sign nor the text after a number becomes part of it. */
static uint64_t number(const char *text, int base, uint64_t least, uint64_t most)
{
	char *end;

	errno = 0;
	uint64_t value = strtoull(text, &end, base);
	if (!isxdigit((unsigned char)*text) || errno || end == text || *end)
		usage("not a number");
	if (value < least || value > most)
		usage("a number out of range");
	return value;
}

static void add_mount(const char *path)
{
	if (request.mount_count == MAX_MOUNTS)
		usage("too many mounts");
	request.mounts[request.mount_count++].path = path;
}

static void add_place(const char *path, bool view)
{
	if (request.place_count == MAX_PLACES)
		usage("too many covers and views");
	request.places[request.place_count++] = (struct place){.path = path, .view = view};
}

static void add_pass(int fd)
{
	if (request.pass_count == MAX_PASSES)
		usage("too many descriptors");
	request.passes[request.pass_count++] = fd;
}

static void add_option(const char *text)
{
	if (request.mount_count == 0)
		usage("--option stands after its --mount");
	struct mount_request *mount = &request.mounts[request.mount_count - 1];
	if (mount->option_count == MAX_OPTIONS)
		usage("too many mount options");
	mount->options[mount->option_count++] = text;
}

static void parse(int argc, char **argv)
{
	opterr = 0; /* errors go to the caller, not to the program's stderr */
	for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		switch (option) {
		case 'c':
			request.control = (int)number(optarg, 10, 3, INT_MAX);
			break;
		case 'e':
			request.enter = (pid_t)number(optarg, 10, 1, INT_MAX);
			break;
		case 'n':
			request.net = true;
			break;
		case 'd':
			request.deny_setgroups = true;
			break;
		case 'U':
			request.uid_map = optarg;
			break;
		case 'G':
			request.gid_map = optarg;
			break;
		case 'm':
			add_mount(optarg);
			break;
		case 'o':
			add_option(optarg);
			break;
		case 'k':
			request.kept = number(optarg, 16, 0, UINT64_MAX);
			break;
		case 'u':
			request.uid = (int64_t)number(optarg, 10, 0, MAX_ID);
			break;
		case 'g':
			request.gid = (int64_t)number(optarg, 10, 0, MAX_ID);
			break;
		case 'a':
			request.argv0 = optarg;
			break;
		case 'i':
			request.isolate = true;
			break;
		case 'C':
			add_place(optarg, false);
			break;
		case 'V':
			add_place(optarg, true);
			break;
		case 'p':
			add_pass((int)number(optarg, 10, 3, 1 << 20));
			break;
		case 'D':
			request.directory = optarg;
			break;
		case 'r':
			/* the caller found out by itself that it cannot go on */
			exit(EXIT_SETUP);
		default:
			usage("unknown option");
		}
	}
	request.command = optind < argc ? argv + optind : NULL;
	if (request.control < 0)
		usage("--control is missing");
	if (!request.command == !request.enter)
		usage("either --enter or a program");
	if (request.isolate && request.enter)
		usage("--isolate makes new namespaces");
}

int main(int argc, char **argv)
{
	int link[2];

	parse(argc, argv);
	if (fcntl(request.control, F_SETFD, FD_CLOEXEC) < 0)
		usage("--control is not an open descriptor");
	signal(SIGCHLD, SIG_DFL); /* if it were ignored, nobody would learn how children end */
	if (!open_proc())
		refuse("proc", errno, "");
	int signals = open_signals(&request.original_mask);
	if (signals < 0)
		refuse("signalfd", errno, "");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		refuse("subreaper", errno, "");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0)
		refuse("socketpair", errno, "");
	pid_t supervisor = fork();
	if (supervisor < 0)
		refuse("fork", errno, "");
	if (supervisor == 0) {
		close(link[0]);
		close(signals);
		run_supervisor(&request, link[1]);
	}
	close(link[1]);
	run_guard(&request, link[0], signals, supervisor);
}
