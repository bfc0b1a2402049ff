/* The addon's exports, and what its parts share. It only offers mechanisms: TypeScript decides. */
#include "environment.h"

#include "raw-syscall.h"

void throw_last_error(napi_env env)
{
	const napi_extended_error_info *info;
	bool pending = false;

	napi_get_last_error_info(env, &info);
	napi_is_exception_pending(env, &pending);
	if (!pending)
		napi_throw_error(env, NULL, info->error_message ? info->error_message : "Node-API call failed");
}

bool memory_of(napi_env env, napi_value value, uint8_t **data, size_t *length)
{
	bool is = false;

	if (napi_is_typedarray(env, value, &is) == napi_ok && is) {
		napi_typedarray_type type;
		void *start;

		if (napi_get_typedarray_info(env, value, &type, length, &start, NULL, NULL) != napi_ok)
			return false;
		*data = start;
		switch (type) {
		case napi_int16_array:
		case napi_uint16_array:
			*length *= 2;
			break;
		case napi_int32_array:
		case napi_uint32_array:
		case napi_float32_array:
			*length *= 4;
			break;
		case napi_float64_array:
		case napi_bigint64_array:
		case napi_biguint64_array:
			*length *= 8;
			break;
		default:
			break;
		}
		return true;
	}
	if (napi_is_arraybuffer(env, value, &is) == napi_ok && is)
		return napi_get_arraybuffer_info(env, value, (void **)data, length) == napi_ok;
	if (napi_is_dataview(env, value, &is) == napi_ok && is)
		return napi_get_dataview_info(env, value, length, (void **)data, NULL, NULL) == napi_ok;
	napi_throw_type_error(env, NULL, "expected a typed array, a DataView or an ArrayBuffer");
	return false;
}

napi_value number_of(napi_env env, int64_t value)
{
	napi_value result = NULL;

	if (value >= INT32_MIN && value <= INT32_MAX)
		napi_create_int32(env, (int32_t)value, &result);
	else
		napi_create_double(env, (double)value, &result);
	return result;
}

bool add_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok &&
	       napi_set_named_property(env, exports, name, function) == napi_ok;
}

/* System call numbers differ between CPUs. The compiler knows them. */
static const struct {
	const char *name;
	int number;
} numbers[] = {
	{ "bpf", __NR_bpf },
	{ "capget", __NR_capget },
	{ "capset", __NR_capset },
	{ "close", __NR_close },
	{ "epoll_create1", __NR_epoll_create1 },
	{ "epoll_ctl", __NR_epoll_ctl },
	{ "fcntl", __NR_fcntl },
	{ "fsconfig", __NR_fsconfig },
	{ "fsmount", __NR_fsmount },
	{ "fsopen", __NR_fsopen },
	{ "getsockopt", __NR_getsockopt },
	{ "ioctl", __NR_ioctl },
	{ "mount", __NR_mount },
	{ "move_mount", __NR_move_mount },
	{ "openat", __NR_openat },
	{ "perf_event_open", __NR_perf_event_open },
	{ "pidfd_getfd", __NR_pidfd_getfd },
	{ "pidfd_open", __NR_pidfd_open },
	{ "prctl", __NR_prctl },
	{ "read", __NR_read },
	{ "recvfrom", __NR_recvfrom },
	{ "recvmsg", __NR_recvmsg },
	{ "sendmsg", __NR_sendmsg },
	{ "sendto", __NR_sendto },
	{ "setns", __NR_setns },
	{ "setsockopt", __NR_setsockopt },
	{ "socket", __NR_socket },
	{ "umount2", __NR_umount2 },
};

static const struct {
	const char *name;
	napi_callback callback;
} functions[] = {
	{ "syscall", js_syscall },
	{ "address", js_address },
	{ "bpf", js_bpf },
	{ "bpfAsync", js_bpf_async },
	{ "bind", js_bind },
	{ "bindCopy", js_bind_copy },
	{ "bindLoad", js_bind_load },
	{ "bindScan", js_bind_scan },
	{ "bindScanPerf", js_bind_scan_perf },
	{ "bindStore", js_bind_store },
	{ "claim", js_claim },
	{ "closeAll", js_close_all },
	{ "disown", js_disown },
	{ "mmap", js_mmap },
	{ "munmap", js_munmap },
	{ "poller", js_poller },
	{ "release", js_release },
	{ "signalsSent", js_signals_sent },
};

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports)
{
	napi_value table;

	if (!environment_start(env)) {
		throw_last_error(env);
		return NULL;
	}
	TRY(env, napi_create_object(env, &table));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		TRY(env, napi_set_named_property(env, table, numbers[i].name, number_of(env, numbers[i].number)));
	TRY(env, napi_set_named_property(env, exports, "numbers", table));
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (!add_function(env, exports, functions[i].name, functions[i].callback)) {
			throw_last_error(env);
			break;
		}
	}
	return exports;
}

NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1(void)
{
	return NAPI_VERSION;
}
