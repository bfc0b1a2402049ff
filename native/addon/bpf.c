/* bpf(2): at once, bound to a fixed buffer for hot paths, and off the event loop. */
#include "addon.h"
#include "raw-syscall.h"

#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdlib.h>

/* As many times as libbpf starts BPF_PROG_LOAD again after EAGAIN (a signal during verification). */
enum { PROG_LOAD_ATTEMPTS = 5 };

static int64_t repeated(int cmd, void *attr, uint32_t size, int attempts)
{
	int64_t result;

	do {
		result = raw_syscall(__NR_bpf, cmd, (int64_t)(intptr_t)attr, size, 0, 0, 0);
	} while (result == -EINTR || (result == -EAGAIN && --attempts > 0));
	return result;
}

static int64_t signal_mask(int how, const uint64_t *set, uint64_t *old)
{
	return raw_syscall(__NR_rt_sigprocmask, how, (int64_t)(intptr_t)set, (int64_t)(intptr_t)old, sizeof *set, 0, 0);
}

int64_t bpf_call(int cmd, void *attr, uint32_t size)
{
	/* A profiler's signals come more often than a long verification ends; they can wait for it. */
	const uint64_t profiling = UINT64_C(1) << (SIGPROF - 1);
	uint64_t before;
	int64_t result;

	if (cmd != BPF_PROG_LOAD)
		return repeated(cmd, attr, size, 1);
	const bool masked = signal_mask(SIG_BLOCK, &profiling, &before) == 0;
	result = repeated(cmd, attr, size, PROG_LOAD_ATTEMPTS);
	if (masked)
		signal_mask(SIG_SETMASK, &before, NULL);
	return result;
}

/* Reads (cmd, attr, size) and checks that the buffer holds size bytes. */
static bool read_call(napi_env env, const napi_value *argv, int32_t *cmd, uint8_t **attr, uint32_t *size)
{
	size_t length;

	if (napi_get_value_int32(env, argv[0], cmd) != napi_ok || !memory_of(env, argv[1], attr, &length) ||
	    napi_get_value_uint32(env, argv[2], size) != napi_ok) {
		throw_last_error(env);
		return false;
	}
	if (*size > length) {
		napi_throw_range_error(env, NULL, "the attribute size is beyond the end of its buffer");
		return false;
	}
	return true;
}

/* bpf(cmd, attr, size): the result, or the negated errno */
napi_value js_bpf(napi_env env, napi_callback_info info)
{
	napi_value argv[3];
	size_t argc = 3;
	int32_t cmd;
	uint8_t *attr;
	uint32_t size;

	TRY(env, napi_get_cb_info(env, info, &argc, argv, NULL, NULL));
	if (!read_call(env, argv, &cmd, &attr, &size))
		return NULL;
	return number_of(env, bpf_call(cmd, attr, size));
}

struct bound {
	uint8_t *attr;
	uint32_t size;
	int32_t cmd;
	napi_ref buffer;
};

static void free_bound(napi_env env, void *data, void *hint)
{
	struct bound *bound = data;

	(void)hint;
	napi_delete_reference(env, bound->buffer);
	free(bound);
}

static napi_value call_bound(napi_env env, napi_callback_info info)
{
	napi_value result;
	size_t argc = 0;
	void *data;

	napi_get_cb_info(env, info, &argc, NULL, NULL, &data);
	const struct bound *bound = data;
	napi_create_int32(env, (int32_t)bpf_call(bound->cmd, bound->attr, bound->size), &result);
	return result;
}

/* bind(cmd, attr, size): a function that makes this call with what the buffer then holds */
napi_value js_bind(napi_env env, napi_callback_info info)
{
	napi_value argv[3], function;
	size_t argc = 3;
	struct bound *bound = calloc(1, sizeof(*bound));

	if (!bound) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
	    !read_call(env, argv, &bound->cmd, &bound->attr, &bound->size) ||
	    napi_create_reference(env, argv[1], 1, &bound->buffer) != napi_ok) {
		throw_last_error(env);
		free(bound);
		return NULL;
	}
	if (napi_create_function(env, NULL, 0, call_bound, bound, &function) != napi_ok ||
	    napi_add_finalizer(env, function, bound, free_bound, NULL, NULL) != napi_ok) {
		throw_last_error(env);
		free_bound(env, bound, NULL);
		return NULL;
	}
	return function;
}

struct pending {
	napi_async_work work;
	napi_deferred deferred;
	napi_ref attr_ref;
	napi_ref keep_ref;
	uint8_t *attr;
	uint32_t size;
	int32_t cmd;
	int64_t result;
};

static void execute(napi_env env, void *data)
{
	struct pending *pending = data;

	(void)env;
	pending->result = bpf_call(pending->cmd, pending->attr, pending->size);
}

static void free_pending(napi_env env, struct pending *pending)
{
	if (pending->attr_ref)
		napi_delete_reference(env, pending->attr_ref);
	if (pending->keep_ref)
		napi_delete_reference(env, pending->keep_ref);
	if (pending->work)
		napi_delete_async_work(env, pending->work);
	free(pending);
}

static void complete(napi_env env, napi_status status, void *data)
{
	struct pending *pending = data;
	int64_t result = status == napi_ok ? pending->result : -ECANCELED;

	napi_resolve_deferred(env, pending->deferred, number_of(env, result));
	free_pending(env, pending);
}

/* bpfAsync(cmd, attr, size, keep): a promise of the result; keep holds the buffers attr points to */
napi_value js_bpf_async(napi_env env, napi_callback_info info)
{
	napi_value argv[4], promise, name;
	size_t argc = 4;
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
	    !read_call(env, argv, &pending->cmd, &pending->attr, &pending->size) ||
	    napi_create_reference(env, argv[1], 1, &pending->attr_ref) != napi_ok ||
	    napi_create_reference(env, argv[3], 1, &pending->keep_ref) != napi_ok ||
	    napi_create_string_utf8(env, "ebpf-ts bpf(2)", NAPI_AUTO_LENGTH, &name) != napi_ok ||
	    napi_create_async_work(env, NULL, name, execute, complete, pending, &pending->work) != napi_ok ||
	    napi_create_promise(env, &pending->deferred, &promise) != napi_ok ||
	    napi_queue_async_work(env, pending->work) != napi_ok) {
		throw_last_error(env);
		free_pending(env, pending);
		return NULL;
	}
	return promise;
}
