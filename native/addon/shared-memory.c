/*
 * Memory that this process shares with the kernel, read and written in the order that both sides rely on. JavaScript's
 * Atomics cannot do this: JavaScriptCore compiles Atomics.load to an instruction that also writes, which ends the
 * process if the mapping is read-only. And here one call looks at many records.
 *
 * Functions are bound to a mapping and to numbers that JavaScript shares with them (`state`), so that a call has
 * no arguments. Each call asks for the mapping's address anew, with nothing between that and the access. A buffer is
 * detached before it is unmapped, and then has no address. The state is the caller's own and never leaves its module; a
 * reference keeps it.
 */
#include "shared-memory.h"

#include <stdlib.h>

uint8_t *memory_now(napi_env env, napi_ref reference)
{
	napi_value buffer;
	void *data = NULL;
	size_t length = 0;

	if (napi_get_reference_value(env, reference, &buffer) != napi_ok || !buffer ||
	    napi_get_arraybuffer_info(env, buffer, &data, &length) != napi_ok)
		return NULL;
	return length == 0 ? NULL : data;
}

const struct shared *bound_to(napi_env env, napi_callback_info info, uint8_t **memory)
{
	void *shared = NULL;
	size_t argc = 0;

	if (napi_get_cb_info(env, info, &argc, NULL, NULL, &shared) != napi_ok)
		return NULL;
	*memory = memory_now(env, ((const struct shared *)shared)->memory);
	return *memory ? shared : NULL;
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

static void free_shared(napi_env env, void *data, void *hint)
{
	struct shared *shared = data;

	(void)hint;
	if (shared->memory)
		napi_delete_reference(env, shared->memory);
	if (shared->state_ref)
		napi_delete_reference(env, shared->state_ref);
	if (shared->places_ref)
		napi_delete_reference(env, shared->places_ref);
	if (shared->copies)
		napi_delete_reference(env, shared->copies);
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

/* Reads the array for the places of records, which only scans have. */
static bool read_places(napi_env env, napi_value places, struct shared *shared)
{
	napi_typedarray_type type;
	napi_valuetype kind;
	void *data;
	size_t length;

	if (napi_typeof(env, places, &kind) != napi_ok)
		return false;
	if (kind == napi_undefined)
		return true;
	if (napi_get_typedarray_info(env, places, &type, &length, &data, NULL, NULL) != napi_ok)
		return false;
	if (type != napi_uint32_array) {
		napi_throw_type_error(env, NULL, "the places of records must be a Uint32Array");
		return false;
	}
	shared->places = data;
	shared->capacity = length / 2;
	return napi_create_reference(env, places, 1, &shared->places_ref) == napi_ok;
}

/* Reads the ArrayBuffer for copies of records, for which the data of the ring has to be mapped twice in a row. */
static bool read_copies(napi_env env, const napi_value *argv, struct shared *shared)
{
	napi_valuetype kind;
	void *data;
	size_t length, mapped;

	if (napi_typeof(env, argv[6], &kind) != napi_ok)
		return false;
	if (kind == napi_undefined)
		return true;
	if (napi_get_arraybuffer_info(env, argv[6], &data, &length) != napi_ok ||
	    napi_get_arraybuffer_info(env, argv[0], &data, &mapped) != napi_ok)
		return false;
	if (length < shared->size || shared->data + 2 * shared->size > mapped ||
	    shared->offset + TO_OVERWRITTEN + 8 > mapped) {
		napi_throw_range_error(env, NULL, "the memory is too short for copies of records");
		return false;
	}
	return napi_create_reference(env, argv[6], 1, &shared->copies) == napi_ok;
}

static napi_value bind(napi_env env, napi_callback_info info, napi_callback callback)
{
	napi_value argv[7], function;
	size_t argc = 7;
	struct shared *shared = calloc(1, sizeof(*shared));

	if (!shared) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || !read_shared(env, argv, shared) ||
	    !read_places(env, argv[5], shared) || !read_copies(env, argv, shared) ||
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

/* bindScan(memory, state, offset, data, size, places): see call_scan */
napi_value js_bind_scan(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_scan);
}

/* bindScanPerf(memory, state, offset, data, size, places): see call_scan_perf */
napi_value js_bind_scan_perf(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_scan_perf);
}

/* bindCopy(memory, state, offset, data, size, places, copies): see call_copy */
napi_value js_bind_copy(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_copy);
}
