/* bpf(2): at once, and bound to a fixed buffer for hot paths. */
#include "environment.h"

#include "raw-syscall.h"
#include "thread.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

/* libbpf repeats BPF_PROG_LOAD this many times after EAGAIN (a signal during verification). */
enum { PROG_LOAD_ATTEMPTS = 5 };

/* Newer than the headers of some machines. */
enum { TOKEN_CREATE = 36 };

bool makes_descriptor(int cmd)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_OBJ_GET:
	case BPF_PROG_GET_FD_BY_ID:
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_BTF_LOAD:
	case BPF_BTF_GET_FD_BY_ID:
	case BPF_LINK_CREATE:
	case BPF_LINK_GET_FD_BY_ID:
	case BPF_ENABLE_STATS:
	case BPF_ITER_CREATE:
	case TOKEN_CREATE:
		return true;
	default:
		return false;
	}
}

/*
 * Whether a call that ended in EINTR has done nothing, so that it can be made again. A test run has finished some
 * rounds by then, and a batch has moved its position and its count.
 */
static bool repeatable(int cmd)
{
	switch (cmd) {
	case BPF_PROG_TEST_RUN:
	case BPF_MAP_LOOKUP_BATCH:
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
	case BPF_MAP_UPDATE_BATCH:
	case BPF_MAP_DELETE_BATCH:
		return false;
	default:
		return true;
	}
}

static int64_t repeated(int cmd, void *attr, uint32_t size)
{
	int attempts = cmd == BPF_PROG_LOAD ? PROG_LOAD_ATTEMPTS : 1;
	int64_t result;

	do {
		result = raw_syscall(__NR_bpf, cmd, (int64_t)(intptr_t)attr, size, 0, 0, 0);
	} while ((result == -EINTR && repeatable(cmd)) || (result == -EAGAIN && --attempts > 0));
	return result;
}

int64_t bpf_call(int cmd, void *attr, uint32_t size)
{
	uint64_t before;

	/* These two take long, and a signal ends them. A profiler's signals come more often than they can finish. */
	if ((cmd != BPF_PROG_LOAD && cmd != BPF_PROG_TEST_RUN) || !hold_signals(&before))
		return repeated(cmd, attr, size);
	const int64_t result = repeated(cmd, attr, size);
	release_signals(&before);
	return result;
}

bool read_call(napi_env env, const napi_value *argv, int32_t *cmd, uint8_t **attr, uint32_t *size)
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
	const int64_t result = bpf_call(cmd, attr, size);
	/* At once: a terminated worker runs no JavaScript that could do it. */
	if (makes_descriptor(cmd))
		own_descriptor(environment_of(env), result);
	return number_of(env, result);
}

struct bound {
	uint8_t *attr;
	uint32_t size;
	int32_t cmd;
	napi_ref buffer;
	/* The memory that attr points to. */
	napi_ref keep;
};

static void free_bound(napi_env env, void *data, void *hint)
{
	struct bound *bound = data;

	(void)hint;
	if (bound->buffer)
		napi_delete_reference(env, bound->buffer);
	if (bound->keep)
		napi_delete_reference(env, bound->keep);
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

/* bind(cmd, attr, size, keep): a function that makes this call with what the buffer then holds, and keeps both */
napi_value js_bind(napi_env env, napi_callback_info info)
{
	napi_value argv[4], function;
	size_t argc = 4;
	struct bound *bound = calloc(1, sizeof(*bound));

	if (!bound) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
	    !read_call(env, argv, &bound->cmd, &bound->attr, &bound->size) ||
	    napi_create_reference(env, argv[1], 1, &bound->buffer) != napi_ok ||
	    napi_create_reference(env, argv[3], 1, &bound->keep) != napi_ok) {
		throw_last_error(env);
		free_bound(env, bound, NULL);
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
