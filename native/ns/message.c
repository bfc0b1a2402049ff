/* Messages between child and supervisor, over a SOCK_SEQPACKET pair. Each arrives whole or not at all. */
#include "ns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct message make_message(enum message_kind kind, int number, const char *stage, const char *detail)
{
	struct message message;

	memset(&message, 0, sizeof(message));
	message.kind = kind;
	message.number = number;
	snprintf(message.stage, sizeof(message.stage), "%s", stage);
	snprintf(message.detail, sizeof(message.detail), "%s", detail);
	return message;
}

int send_message(int socket, const struct message *message, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} ancillary;
	struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = sizeof(*message)};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	if (fd >= 0) {
		memset(&ancillary, 0, sizeof(ancillary));
		header.msg_control = ancillary.bytes;
		header.msg_controllen = sizeof(ancillary.bytes);
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	}
	ssize_t sent;
	do
		sent = sendmsg(socket, &header, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

int receive_message(int socket, struct message *message, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} ancillary;
	struct iovec part = {.iov_base = message, .iov_len = sizeof(*message)};
	struct msghdr header = {
			.msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = ancillary.bytes,
			.msg_controllen = sizeof(ancillary.bytes),
	};
	*fd = -1;
	ssize_t got;
	do
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? 0 : -1;
	if (got == 0)
		return 0;
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
	if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
			rights->cmsg_len >= CMSG_LEN(sizeof(*fd))) {
		memcpy(fd, CMSG_DATA(rights), sizeof(*fd)); /* the caller must close it, even if this is not a message */
	}
	if ((size_t)got != sizeof(*message) || header.msg_flags & MSG_TRUNC) {
		errno = EBADMSG;
		return -1;
	}
	message->stage[sizeof(message->stage) - 1] = 0;
	message->detail[sizeof(message->detail) - 1] = 0;
	return 1;
}

bool send_word(int socket)
{
	return send(socket, "k", 1, MSG_NOSIGNAL) == 1;
}

bool receive_word(int socket)
{
	char word;
	ssize_t got;

	do
		got = recv(socket, &word, 1, 0);
	while (got < 0 && errno == EINTR);
	return got == 1;
}
