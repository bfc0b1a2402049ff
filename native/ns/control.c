/*
 * Reports to the caller over a stream socket, in frames: a length (4 bytes, little-endian) and that many bytes, which
 * are fields with a NUL between them. No path, file name or mount option can hold a NUL, so none of them can begin
 * another field or frame.
 */
#include "ns.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { LENGTH = 4, FRAME_MAX = 1 << 16 };

/* Waits while the caller is busy, unless `link` says that the other half of the helper is gone. */
static bool send_all(int control, int link, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(control, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			bytes += sent;
			length -= (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return false;
		struct pollfd events[] = {{.fd = control, .events = POLLOUT}, {.fd = link}};
		if (poll(events, 2, -1) > 0 && events[1].revents)
			return false;
	}
	return true;
}

static bool tell(int control, int link, const char *const *fields, int count)
{
	static char frame[LENGTH + FRAME_MAX];
	size_t used = LENGTH;

	for (int i = 0; i < count; i++) {
		size_t length = strlen(fields[i]) + (i > 0);
		if (length > sizeof(frame) - used) {
			errno = EMSGSIZE;
			return false;
		}
		if (i > 0)
			frame[used] = 0;
		memcpy(frame + used + (i > 0), fields[i], length - (i > 0));
		used += length;
	}
	for (int i = 0; i < LENGTH; i++)
		frame[i] = (char)((used - LENGTH) >> (8 * i) & 0xff);
	return send_all(control, link, frame, used);
}

bool tell_error(int control, int link, const char *stage, int number, const char *detail)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	const char *fields[] = {"error", stage, text, detail};
	return tell(control, link, fields, 4);
}

bool tell_mounted(int control, int link, pid_t pid, const char *devices, const char *mountinfo)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	const char *fields[] = {"mounted", text, devices, mountinfo};
	return tell(control, link, fields, 4);
}
