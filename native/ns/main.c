/*
 * ebpf-ts-ns: runs a program in a new user and mount namespace with delegated bpffs mounts, or mounts
 * one in the namespaces of a running process. It decides nothing: ids, options, paths and capabilities
 * come from the command line, and the caller looks at the result before the program starts.
 *
 *   caller ── guard ── supervisor ── child, later the program ── its descendants
 *     └──── control ──────┘
 *
 * Four processes, because any of them may be killed at any moment and nothing may stay behind: whoever
 * of guard and supervisor is left kills the rest, and both see it when the caller is gone.
 *
 * On the control socket the helper writes lines
 *   mounted <pid> <device>…           everything is in place in process <pid>, the file systems' devices
 *                                     (major:minor) in the order of the mounts; waits for `go` or `abort`
 *   error <stage> <errno> <detail>    and ends with status 125, 126 or 127
 * and closes it when nothing is left.
 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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
    {"isolate", no_argument, NULL, 'i'},      {"cover", required_argument, NULL, 'C'},
    {"view", required_argument, NULL, 'V'},   {"pass", required_argument, NULL, 'p'},
    {"directory", required_argument, NULL, 'D'},
    {NULL, 0, NULL, 0},
};

static _Noreturn void usage(const char *problem) {
  fprintf(stderr, "ebpf-ts-ns: %s\n", problem);
  exit(EXIT_SETUP);
}

static long number(const char *text, int base) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, base);
  if (errno || end == text || *end) usage("not a number");
  return (long)value;
}

static void add_mount(struct request *request, const char *path) {
  if (request->mount_count == MAX_MOUNTS) usage("too many mounts");
  request->mounts[request->mount_count++].path = path;
}

static void add_place(struct request *request, const char *path, bool view) {
  if (request->place_count == MAX_PLACES) usage("too many covers and views");
  request->places[request->place_count++] = (struct place){.path = path, .view = view};
}

static void add_pass(struct request *request, long fd) {
  if (request->pass_count == MAX_PASSES) usage("too many descriptors");
  if (fd < 3 || fd > 1 << 20) usage("--pass is no descriptor above 2");
  request->passes[request->pass_count++] = (int)fd;
}

static void add_option(struct request *request, const char *text) {
  if (request->mount_count == 0) usage("--option stands after its --mount");
  struct mount_request *mount = &request->mounts[request->mount_count - 1];
  if (mount->option_count == MAX_OPTIONS) usage("too many mount options");
  mount->options[mount->option_count++] = text;
}

static void parse(struct request *request, int argc, char **argv) {
  for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
    switch (option) {
      case 'c': request->control = (int)number(optarg, 10); break;
      case 'e': request->enter = (pid_t)number(optarg, 10); break;
      case 'n': request->net = true; break;
      case 'd': request->deny_setgroups = true; break;
      case 'U': request->uid_map = optarg; break;
      case 'G': request->gid_map = optarg; break;
      case 'm': add_mount(request, optarg); break;
      case 'o': add_option(request, optarg); break;
      case 'k': request->kept = (uint64_t)number(optarg, 16); break;
      case 'u': request->uid = number(optarg, 10); break;
      case 'g': request->gid = number(optarg, 10); break;
      case 'a': request->argv0 = optarg; break;
      case 'i': request->isolate = true; break;
      case 'C': add_place(request, optarg, false); break;
      case 'V': add_place(request, optarg, true); break;
      case 'p': add_pass(request, number(optarg, 10)); break;
      case 'D': request->directory = optarg; break;
      default: usage("unknown option");
    }
  }
  request->command = optind < argc ? argv + optind : NULL;
  if (request->control < 0) usage("--control is missing");
  if (!request->command == !request->enter) usage("either --enter or a program");
  if (request->isolate && request->enter) usage("--isolate makes new namespaces");
}

int main(int argc, char **argv) {
  static struct request request = {.control = -1, .uid = -1, .gid = -1};
  int link[2];
  parse(&request, argc, argv);
  if (fcntl(request.control, F_SETFD, FD_CLOEXEC) < 0) usage("--control is no open descriptor");
  signal(SIGCHLD, SIG_DFL); /* ignored, it would make the ends of children unknowable */
  int signals = open_signals(&request.original_mask);
  if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) usage(strerror(errno));
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0) usage(strerror(errno));
  pid_t supervisor = fork();
  if (supervisor < 0) usage(strerror(errno));
  if (supervisor == 0) {
    close(link[0]);
    close(signals);
    run_supervisor(&request, link[1]);
  }
  close(link[1]);
  run_guard(&request, link[0], signals, supervisor);
}
