/*
 * Memory that this process shares with the kernel, read and written in the order that both sides rely on. JavaScript's
 * Atomics cannot do this: JavaScriptCore compiles Atomics.load to an instruction that also writes, which ends the
 * process if the mapping is read-only. And here one call looks at many records.
 *
 * Functions are bound to a mapping and to three numbers that JavaScript shares with them (`state`), so that a call has
 * no arguments. Each call asks for the mapping's address anew, with nothing between that and the access. A buffer is
 * detached before it is unmapped, and then has no address. The state is the caller's own and never leaves its module; a
 * reference keeps it.
 */
#include "addon.h"

#include <linux/bpf.h>
#include <stdlib.h>

/* How many records one call looks at. Their headers fit into the first cache, where JavaScript finds them. */
enum { RECORDS_AT_ONCE = 256 };

/* The places of the numbers in the state. */
enum { POSITION, READY, THEIRS, STATE_LENGTH };

static const uint32_t LENGTH_BITS = ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

struct shared {
	napi_ref memory;
	napi_ref state_ref;
	double *state;
	/* The places of the position, and of the data of a ring, in the memory. */
	size_t offset;
	size_t data;
	size_t size;
};

/* The memory, or NULL once it is detached. */
static uint8_t *memory_now(napi_env env, const struct shared *shared)
{
	napi_value buffer;
	void *data = NULL;
	size_t length = 0;

	if (napi_get_reference_value(env, shared->memory, &buffer) != napi_ok || !buffer ||
	    napi_get_arraybuffer_info(env, buffer, &data, &length) != napi_ok)
		return NULL;
	return length == 0 ? NULL : data;
}

static const struct shared *bound_to(napi_env env, napi_callback_info info, uint8_t **memory)
{
	void *shared = NULL;
	size_t argc = 0;

	if (napi_get_cb_info(env, info, &argc, NULL, NULL, &shared) != napi_ok)
		return NULL;
	*memory = memory_now(env, shared);
	return *memory ? shared : NULL;
}

static uint64_t load_position(const uint8_t *memory, size_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)(memory + offset), __ATOMIC_ACQUIRE);
}

/* Sets THEIRS to the position of the other side. */
static napi_value call_load(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (shared)
		shared->state[THEIRS] = (double)load_position(memory, shared->offset);
	return NULL;
}

/* Shows POSITION to the other side as ours, and all that was read or written before. */
static napi_value call_store(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (shared)
		__atomic_store_n((uint64_t *)(void *)(memory + shared->offset),
		                 (uint64_t)shared->state[POSITION], __ATOMIC_RELEASE);
	return NULL;
}

/*
 * Sets THEIRS to the writer's position, and READY to the position up to which all records from POSITION on are
 * complete. What was written to them before can be read plainly from then on.
 */
static napi_value call_scan(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (!shared)
		return NULL;
	const uint64_t end = load_position(memory, shared->offset);
	const uint8_t *data = memory + shared->data;
	uint64_t position = (uint64_t)shared->state[POSITION];

	for (int count = 0; position < end && count < RECORDS_AT_ONCE; count++) {
		const void *header = data + (position & (shared->size - 1) & ~(uint64_t)7);
		const uint32_t word = __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);
		const uint64_t next = position + ((BPF_RINGBUF_HDR_SZ + (word & LENGTH_BITS) + 7) & ~7U);

		if ((word & BPF_RINGBUF_BUSY_BIT) || next > end)
			break;
		position = next;
	}
	shared->state[READY] = (double)position;
	shared->state[THEIRS] = (double)end;
	return NULL;
}

static void free_shared(napi_env env, void *data, void *hint)
{
	struct shared *shared = data;

	(void)hint;
	if (shared->memory)
		napi_delete_reference(env, shared->memory);
	if (shared->state_ref)
		napi_delete_reference(env, shared->state_ref);
	free(shared);
}

/* Reads (memory, state, offset) and checks that all accesses will be within them. */
static bool read_shared(napi_env env, const napi_value *argv, struct shared *shared)
{
	napi_typedarray_type type;
	void *memory, *state;
	size_t length, count;
	uint32_t values[3] = { 0 };

	for (int i = 0; i < 3; i++)
		if (napi_get_value_uint32(env, argv[2 + i], &values[i]) != napi_ok)
			return false;
	if (napi_get_arraybuffer_info(env, argv[0], &memory, &length) != napi_ok ||
	    napi_get_typedarray_info(env, argv[1], &type, &count, &state, NULL, NULL) != napi_ok)
		return false;
	shared->state = state;
	shared->offset = values[0];
	shared->data = values[1];
	shared->size = values[2];
	if (type != napi_float64_array || count < STATE_LENGTH || shared->offset % 8 != 0 ||
	    shared->offset + 8 > length || shared->data % 8 != 0 || (shared->size & (shared->size - 1)) != 0 ||
	    shared->data + shared->size > length) {
		napi_throw_range_error(env, NULL, "the shared memory is too short for that, or not aligned");
		return false;
	}
	return napi_create_reference(env, argv[0], 1, &shared->memory) == napi_ok &&
	       napi_create_reference(env, argv[1], 1, &shared->state_ref) == napi_ok;
}

static napi_value bind(napi_env env, napi_callback_info info, napi_callback callback)
{
	napi_value argv[5], function;
	size_t argc = 5;
	struct shared *shared = calloc(1, sizeof(*shared));

	if (!shared) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || !read_shared(env, argv, shared) ||
	    napi_create_function(env, NULL, 0, callback, shared, &function) != napi_ok ||
	    napi_add_finalizer(env, function, shared, free_shared, NULL, NULL) != napi_ok) {
		throw_last_error(env);
		free_shared(env, shared, NULL);
		return NULL;
	}
	return function;
}

/* bindLoad(memory, state, offset, 0, 0): see call_load */
napi_value js_bind_load(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_load);
}

/* bindStore(memory, state, offset, 0, 0): see call_store */
napi_value js_bind_store(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_store);
}

/* bindScan(memory, state, offset, data, size): see call_scan */
napi_value js_bind_scan(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_scan);
}
