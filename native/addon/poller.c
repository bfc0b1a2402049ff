/*
 * Waits on descriptors in a separate epoll thread, so that no runtime's event loop internals are needed. An armed
 * descriptor fires once and must be armed again, unless it is armed for every edge. JavaScript gets the fired ones in
 * batches.
 */
#include "addon.h"
#include "raw-syscall.h"
#include "thread.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { BATCH = 64 };
static const uint64_t WAKE_ID = UINT64_MAX;

struct batch {
	int count;
	uint32_t ids[BATCH];
};

struct poller {
	int64_t epoll;
	int64_t wake;
	pthread_t thread;
	napi_threadsafe_function notify;
	bool open;
};

static int64_t control(const struct poller *poller, int operation, int64_t fd, uint32_t events, uint64_t id)
{
	struct epoll_event event = { .events = events, .data.u64 = id };

	return raw_syscall(__NR_epoll_ctl, poller->epoll, operation, fd, (int64_t)(intptr_t)&event, 0, 0);
}

static void *wait_loop(void *data)
{
	struct poller *poller = data;
	struct epoll_event events[BATCH];

	for (;;) {
		int64_t count = raw_syscall(__NR_epoll_pwait, poller->epoll, (int64_t)(intptr_t)events, BATCH, -1,
		                            0, 8);
		if (count == -EINTR)
			continue;
		if (count < 0)
			return NULL;
		struct batch *batch = calloc(1, sizeof(*batch));
		for (int64_t i = 0; i < count; i++) {
			if (events[i].data.u64 == WAKE_ID) {
				free(batch);
				return NULL;
			}
			if (batch)
				batch->ids[batch->count++] = (uint32_t)events[i].data.u64;
		}
		if (batch && napi_call_threadsafe_function(poller->notify, batch, napi_tsfn_nonblocking) != napi_ok)
			free(batch);
	}
}

static void deliver(napi_env env, napi_value callback, void *context, void *data)
{
	struct batch *batch = data;
	napi_value ids, undefined;

	(void)context;
	if (env && napi_create_array_with_length(env, (size_t)batch->count, &ids) == napi_ok &&
	    napi_get_undefined(env, &undefined) == napi_ok) {
		for (int i = 0; i < batch->count; i++)
			napi_set_element(env, ids, (uint32_t)i, number_of(env, batch->ids[i]));
		napi_call_function(env, undefined, callback, 1, &ids, NULL);
	}
	free(batch);
}

static void stop(void *data)
{
	struct poller *poller = data;
	uint64_t one = 1;

	if (!poller->open)
		return;
	poller->open = false;
	raw_syscall(__NR_write, poller->wake, (int64_t)(intptr_t)&one, sizeof(one), 0, 0, 0);
	pthread_join(poller->thread, NULL);
	napi_release_threadsafe_function(poller->notify, napi_tsfn_abort);
	raw_syscall(__NR_close, poller->epoll, 0, 0, 0, 0, 0);
	raw_syscall(__NR_close, poller->wake, 0, 0, 0, 0, 0);
}

static void collected(napi_env env, void *data, void *hint)
{
	struct poller *poller = data;

	(void)hint;
	if (poller->open) {
		napi_remove_env_cleanup_hook(env, stop, poller);
		stop(poller);
	}
	free(poller);
}

static struct poller *this_poller(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv)
{
	napi_value self;
	void *poller = NULL;

	if (napi_get_cb_info(env, info, argc, argv, &self, NULL) != napi_ok ||
	    napi_unwrap(env, self, &poller) != napi_ok)
		throw_last_error(env);
	return poller;
}

/*
 * arm(fd, id, events): reports id once when the descriptor is ready, or with EPOLLET at every wakeup until disarm();
 * 0 or the negated errno
 */
static napi_value js_arm(napi_env env, napi_callback_info info)
{
	napi_value argv[3];
	size_t argc = 3;
	int32_t fd;
	uint32_t id, events;
	struct poller *poller = this_poller(env, info, &argc, argv);

	if (!poller)
		return NULL;
	TRY(env, napi_get_value_int32(env, argv[0], &fd));
	TRY(env, napi_get_value_uint32(env, argv[1], &id));
	TRY(env, napi_get_value_uint32(env, argv[2], &events));
	if (!poller->open)
		return number_of(env, -EBADF);
	if (!(events & EPOLLET))
		events |= EPOLLONESHOT;
	int64_t result = control(poller, EPOLL_CTL_MOD, fd, events, id);
	if (result == -ENOENT)
		result = control(poller, EPOLL_CTL_ADD, fd, events, id);
	return number_of(env, result);
}

/* disarm(fd): forgets the descriptor; 0 or the negated errno */
static napi_value js_disarm(napi_env env, napi_callback_info info)
{
	napi_value argv[1];
	size_t argc = 1;
	int32_t fd;
	struct poller *poller = this_poller(env, info, &argc, argv);

	if (!poller)
		return NULL;
	TRY(env, napi_get_value_int32(env, argv[0], &fd));
	return number_of(env, poller->open ? control(poller, EPOLL_CTL_DEL, fd, 0, 0) : -EBADF);
}

/* hold(whether): whether the poller keeps the process alive */
static napi_value js_hold(napi_env env, napi_callback_info info)
{
	napi_value argv[1];
	size_t argc = 1;
	bool hold;
	struct poller *poller = this_poller(env, info, &argc, argv);

	if (!poller)
		return NULL;
	TRY(env, napi_get_value_bool(env, argv[0], &hold));
	if (poller->open) {
		if (hold)
			TRY(env, napi_ref_threadsafe_function(env, poller->notify));
		else
			TRY(env, napi_unref_threadsafe_function(env, poller->notify));
	}
	return NULL;
}

/* close(): ends the thread. Nothing is reported afterwards */
static napi_value js_close(napi_env env, napi_callback_info info)
{
	size_t argc = 0;
	struct poller *poller = this_poller(env, info, &argc, NULL);

	if (poller && poller->open) {
		napi_remove_env_cleanup_hook(env, stop, poller);
		stop(poller);
	}
	return NULL;
}

static int64_t start_waiting(struct poller *poller)
{
	int error;

	poller->epoll = raw_syscall(__NR_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0, 0);
	if (poller->epoll < 0)
		return poller->epoll;
	poller->wake = raw_syscall(__NR_eventfd2, 0, EFD_CLOEXEC, 0, 0, 0, 0);
	if (poller->wake < 0) {
		raw_syscall(__NR_close, poller->epoll, 0, 0, 0, 0, 0);
		return poller->wake;
	}
	control(poller, EPOLL_CTL_ADD, poller->wake, EPOLLIN, WAKE_ID);
	error = start_thread(&poller->thread, wait_loop, poller);
	if (error) {
		raw_syscall(__NR_close, poller->epoll, 0, 0, 0, 0, 0);
		raw_syscall(__NR_close, poller->wake, 0, 0, 0, 0, 0);
	}
	return -error;
}

/* poller(callback): calls back with arrays of ids. Throws if the thread cannot be started */
napi_value js_poller(napi_env env, napi_callback_info info)
{
	napi_value argv[1], object, name;
	size_t argc = 1;
	struct poller *poller;

	TRY(env, napi_get_cb_info(env, info, &argc, argv, NULL, NULL));
	TRY(env, napi_create_object(env, &object));
	TRY(env, napi_create_string_utf8(env, "ebpf-ts poller", NAPI_AUTO_LENGTH, &name));
	poller = calloc(1, sizeof(*poller));
	if (!poller || napi_create_threadsafe_function(env, argv[0], NULL, name, 0, 1, NULL, NULL, NULL, deliver,
	                                               &poller->notify) != napi_ok) {
		free(poller);
		throw_last_error(env);
		return NULL;
	}
	int64_t error = start_waiting(poller);
	if (error < 0) {
		napi_release_threadsafe_function(poller->notify, napi_tsfn_abort);
		free(poller);
		return number_of(env, error);
	}
	poller->open = true;
	napi_unref_threadsafe_function(env, poller->notify);
	napi_add_env_cleanup_hook(env, stop, poller);
	if (napi_wrap(env, object, poller, collected, NULL, NULL) != napi_ok || !add_function(env, object, "arm", js_arm) ||
	    !add_function(env, object, "disarm", js_disarm) || !add_function(env, object, "hold", js_hold) ||
	    !add_function(env, object, "close", js_close))
		throw_last_error(env);
	return object;
}
