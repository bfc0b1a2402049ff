#ifndef EBPF_TS_ADDON_H
#define EBPF_TS_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leaves the calling function with NULL if a Node-API call fails. Then an exception is pending. */
#define TRY(env, call)                                                                                       \
	do {                                                                                                 \
		if ((call) != napi_ok) {                                                                     \
			throw_last_error(env);                                                               \
			return NULL;                                                                         \
		}                                                                                            \
	} while (0)

void throw_last_error(napi_env env);

/* The memory of a typed array, DataView or ArrayBuffer. For other values: false, with a TypeError pending. */
bool memory_of(napi_env env, napi_value value, uint8_t **data, size_t *length);

/* One bpf(2) call. It starts again after EINTR if nothing has happened by then, and after EAGAIN of BPF_PROG_LOAD. */
int64_t bpf_call(int cmd, void *attr, uint32_t size);

/* Whether the command returns a new descriptor. */
bool makes_descriptor(int cmd);

/*
 * Reads (cmd, attr, size) and checks that the buffer holds size bytes. With these values the call may be made as long
 * as no JavaScript runs in between, or if the buffer is referenced and private to the library. For other values: false,
 * with an exception pending.
 */
bool read_call(napi_env env, const napi_value *argv, int32_t *cmd, uint8_t **attr, uint32_t *size);

napi_value number_of(napi_env env, int64_t value);
bool add_function(napi_env env, napi_value exports, const char *name, napi_callback callback);

napi_value js_syscall(napi_env env, napi_callback_info info);
napi_value js_address(napi_env env, napi_callback_info info);
napi_value js_bpf(napi_env env, napi_callback_info info);
napi_value js_bpf_async(napi_env env, napi_callback_info info);
napi_value js_bind(napi_env env, napi_callback_info info);
napi_value js_close_all(napi_env env, napi_callback_info info);
napi_value js_disown(napi_env env, napi_callback_info info);
napi_value js_mmap(napi_env env, napi_callback_info info);
napi_value js_munmap(napi_env env, napi_callback_info info);
napi_value js_poller(napi_env env, napi_callback_info info);
napi_value js_bind_copy(napi_env env, napi_callback_info info);
napi_value js_bind_load(napi_env env, napi_callback_info info);
napi_value js_bind_store(napi_env env, napi_callback_info info);
napi_value js_bind_scan(napi_env env, napi_callback_info info);
napi_value js_bind_scan_perf(napi_env env, napi_callback_info info);
napi_value js_claim(napi_env env, napi_callback_info info);
napi_value js_release(napi_env env, napi_callback_info info);
napi_value js_signals_sent(napi_env env, napi_callback_info info);

#endif
