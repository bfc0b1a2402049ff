/* The new mount calls. Numbers are from linux/mount.h, whose names clash with libc's sys/mount.h. */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	CONTEXT_CLOEXEC = 1, /* FSOPEN_CLOEXEC */
	SET_FLAG = 0, /* FSCONFIG_SET_FLAG */
	SET_STRING = 1, /* FSCONFIG_SET_STRING */
	CREATE = 6, /* FSCONFIG_CMD_CREATE */
	MOUNT_CLOEXEC = 1, /* FSMOUNT_CLOEXEC */
	NOSUID_NODEV_NOEXEC = 2 | 4 | 8, /* MOUNT_ATTR_* */
	BY_DESCRIPTORS = 4 | 0x40, /* MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH */
};

int open_bpf_context(void)
{
	return (int)syscall(SYS_fsopen, "bpf", CONTEXT_CLOEXEC);
}

int make_mounts_private(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* Whether the path leads to the file system. "/" does not: it stays the root of a process. */
static int leads_to(const char *path, dev_t device)
{
	struct stat status;
	int there = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (there < 0)
		return -1;
	int result = fstat(there, &status);
	close(there);
	return result < 0 ? -1 : status.st_dev == device;
}

/* Symbolic links are followed, as mount(8) does. */
static int attach(int tree, const char *path, dev_t device, const char **step)
{
	char place[PATH_MAX];

	if (!realpath(path, place))
		return -1;
	int directory = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -1;
	int result = (int)syscall(SYS_move_mount, tree, "", directory, "", BY_DESCRIPTORS);
	int saved = errno;
	close(directory);
	errno = saved;
	if (result < 0)
		return -1;
	result = leads_to(place, device);
	if (result < 0)
		return -1;
	if (result == 0) {
		detach(tree);
		*step = "covered";
		errno = 0;
		return -1;
	}
	return 0;
}

int attach_context(int context, const char *path, dev_t *device, const char **step)
{
	struct stat status;

	*step = "mount";
	int tree = (int)syscall(SYS_fsmount, context, MOUNT_CLOEXEC, NOSUID_NODEV_NOEXEC);
	if (tree < 0)
		return -1;
	if (fstat(tree, &status) == 0 && attach(tree, path, status.st_dev, step) == 0) {
		*device = status.st_dev;
		return tree;
	}
	int saved = errno;
	close(tree);
	errno = saved;
	return -1;
}

void detach(int tree)
{
	if (fchdir(tree) == 0)
		umount2(".", MNT_DETACH);
}

/* Reading a context's descriptor gives the messages that the kernel left in it, one each time. */
static void add_kernel_words(int context, struct message *problem)
{
	char words[160];
	ssize_t got = read(context, words, sizeof(words) - 1);

	if (got <= 0)
		return;
	words[got] = 0;
	words[strcspn(words, "\n")] = 0;
	size_t used = strlen(problem->detail);
	snprintf(problem->detail + used, sizeof(problem->detail) - used, " (%s)", words);
}

int configure_context(int context, const struct mount_request *mount, struct message *problem)
{
	for (int i = 0; i < mount->option_count; i++) {
		char key[64];
		const char *option = mount->options[i];
		const char *value = strchr(option, '=');
		size_t length = value ? (size_t)(value - option) : strlen(option);
		if (length >= sizeof(key)) {
			*problem = make_message(MESSAGE_ERROR, ENAMETOOLONG, "fsconfig", option);
			return -1;
		}
		memcpy(key, option, length);
		key[length] = 0;
		long result = syscall(SYS_fsconfig, context, value ? SET_STRING : SET_FLAG, key,
													value ? value + 1 : NULL, 0);
		if (result < 0) {
			*problem = make_message(MESSAGE_ERROR, errno, "fsconfig", option);
			add_kernel_words(context, problem);
			return -1;
		}
	}
	if (syscall(SYS_fsconfig, context, CREATE, NULL, NULL, 0) < 0) {
		*problem = make_message(MESSAGE_ERROR, errno, "create", mount->path);
		add_kernel_words(context, problem);
		return -1;
	}
	return 0;
}

int bring_loopback_up(void)
{
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, "lo");
	int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_fd < 0)
		return -1;
	int result = ioctl(socket_fd, SIOCGIFFLAGS, &request);
	request.ifr_flags |= IFF_UP;
	if (result == 0)
		result = ioctl(socket_fd, SIOCSIFFLAGS, &request);
	int saved = errno;
	close(socket_fd);
	errno = saved;
	return result;
}
