/*
 * Leaves the program exactly the capabilities that were asked for, whatever uid it runs as. For uid 0, execve computes
 * "everything in the bounding set", so the bounding set is cut down. For any other uid, execve keeps only the ambient
 * set, so that is filled. Both give the same result.
 */
#include "ns.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAPABILITIES = 64 };

static bool wanted(uint64_t kept, int capability)
{
	return (kept >> capability & 1) != 0;
}

static int set_all(uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	for (int half = 0; half < 2; half++) {
		data[half].effective = data[half].permitted = (uint32_t)(permitted >> (32 * half));
		data[half].inheritable = (uint32_t)(inheritable >> (32 * half));
	}
	return (int)syscall(SYS_capset, &header, data);
}

/* For a process that only passes signals on, to any uid. */
int keep_only_kill(void)
{
	return set_all(1ULL << CAP_KILL, 0);
}

static int get_permitted(uint64_t *effective, uint64_t *permitted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	*effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	*permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return 0;
}

/* The groups are those of the caller. A gid that stays the program's own takes nothing away. */
static int drop_groups(const struct request *request, gid_t own)
{
	if (!request->deny_setgroups)
		return setgroups(0, NULL);
	gid_t groups[1];
	int count = getgroups(0, NULL);
	if (count == 0)
		return 0;
	if (count == 1 && getgroups(1, groups) == 1 && groups[0] == own)
		return 0;
	errno = EPERM;
	return -1;
}

const char *become(const struct request *request)
{
	uint64_t effective, permitted;

	if (request->uid >= 0 || request->gid >= 0) {
		/* child_process.spawn does the same for either of them. But here a failure is never silent. */
		if (drop_groups(request, request->gid >= 0 ? (gid_t)request->gid : getegid()) < 0)
			return "groups";
	}
	if (request->gid >= 0) {
		if (setresgid((gid_t)request->gid, (gid_t)request->gid, (gid_t)request->gid) < 0)
			return "gid";
	}
	if (request->uid >= 0) {
		if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
			return "keepcaps";
		if (setresuid((uid_t)request->uid, (uid_t)request->uid, (uid_t)request->uid) < 0)
			return "uid";
		if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
			return "keepcaps";
		/* The change of uid cleared the effective set, and PR_CAPBSET_DROP needs it. */
		if (get_permitted(&effective, &permitted) < 0 || set_all(permitted, 0) < 0)
			return "keepcaps";
	}
	return NULL;
}

static const char *verify(uint64_t kept)
{
	uint64_t effective, permitted;

	if (get_permitted(&effective, &permitted) < 0)
		return "capget";
	errno = EPERM;
	if (effective != kept || permitted != kept)
		return "capset";
	for (int i = 0; i < CAPABILITIES; i++) {
		int bounding = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
		if (bounding < 0)
			break;
		int ambient = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0);
		errno = EPERM;
		if (bounding != wanted(kept, i))
			return "bounding";
		if (ambient != wanted(kept, i))
			return "ambient";
	}
	return NULL;
}

const char *keep_capabilities(const struct request *request)
{
	uint64_t kept = request->kept;

	for (int i = 0; i < CAPABILITIES; i++) {
		int bounding = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
		if (bounding < 0)
			break; /* past the last one this kernel knows */
		if (bounding && !wanted(kept, i) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return "bounding";
	}
	if (set_all(kept, kept) < 0)
		return "capset";
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return "ambient";
	for (int i = 0; i < CAPABILITIES; i++) {
		if (wanted(kept, i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return "ambient";
	}
	return verify(kept);
}
