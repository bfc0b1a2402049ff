/* Any system call, with buffers, strings and numbers as arguments. */
#include "environment.h"

#include "raw-syscall.h"

#include <fcntl.h>

enum { MAX_ARGUMENTS = 6, MAX_STRING = 4096 };

struct argument {
	int64_t value;
	char text[MAX_STRING];
};

static bool string_argument(napi_env env, napi_value value, struct argument *argument)
{
	size_t length, copied;

	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
		return false;
	if (length >= MAX_STRING) {
		napi_throw_range_error(env, NULL, "a string argument is longer than 4095 bytes");
		return false;
	}
	if (napi_get_value_string_utf8(env, value, argument->text, MAX_STRING, &copied) != napi_ok)
		return false;
	for (size_t i = 0; i < copied; i++) {
		if (argument->text[i] == '\0') {
			napi_throw_type_error(env, NULL, "a string argument contains a NUL character");
			return false;
		}
	}
	argument->value = (int64_t)(intptr_t)argument->text;
	return true;
}

/* Numbers and bigints are taken as they are. Strings, buffers and null become addresses. */
static bool convert(napi_env env, napi_value value, struct argument *argument)
{
	napi_valuetype type;
	uint8_t *data;
	size_t length;
	bool lossless;

	if (napi_typeof(env, value, &type) != napi_ok)
		return false;
	switch (type) {
	case napi_undefined:
	case napi_null:
		argument->value = 0;
		return true;
	case napi_number:
		return napi_get_value_int64(env, value, &argument->value) == napi_ok;
	case napi_bigint:
		return napi_get_value_bigint_uint64(env, value, (uint64_t *)&argument->value, &lossless) ==
		       napi_ok;
	case napi_string:
		return string_argument(env, value, argument);
	default:
		if (!memory_of(env, value, &data, &length))
			return false;
		argument->value = (int64_t)(intptr_t)data;
		return true;
	}
}

static bool opens(int64_t nr, int64_t command)
{
	switch (nr) {
	case __NR_epoll_create1:
	case __NR_fsmount:
	case __NR_fsopen:
	case __NR_openat:
	case __NR_perf_event_open:
	case __NR_pidfd_getfd:
	case __NR_pidfd_open:
	case __NR_socket:
		return true;
	case __NR_fcntl:
		return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
	default:
		return false;
	}
}

/*
 * syscall(number, ...arguments): the result, or the negated errno. The addresses of buffers are taken here. After that
 * no JavaScript runs before the call is made. The caller must know how much of them the call touches.
 */
napi_value js_syscall(napi_env env, napi_callback_info info)
{
	napi_value argv[MAX_ARGUMENTS + 1];
	size_t argc = MAX_ARGUMENTS + 1;
	struct argument arguments[MAX_ARGUMENTS];
	int64_t nr;

	TRY(env, napi_get_cb_info(env, info, &argc, argv, NULL, NULL));
	TRY(env, napi_get_value_int64(env, argv[0], &nr));
	for (size_t i = 0; i < MAX_ARGUMENTS; i++) {
		arguments[i].value = 0;
		if (i + 1 < argc && !convert(env, argv[i + 1], &arguments[i])) {
			throw_last_error(env);
			return NULL;
		}
	}
	/* Before it is closed: afterwards another file may get its number at once. */
	if (nr == __NR_close)
		disown_descriptor(environment_of(env), arguments[0].value);
	const int64_t result = raw_syscall(nr, arguments[0].value, arguments[1].value, arguments[2].value,
	                                   arguments[3].value, arguments[4].value, arguments[5].value);
	if (opens(nr, arguments[1].value))
		own_descriptor(environment_of(env), result);
	return number_of(env, result);
}

/* address(buffer): the address of its first byte. User addresses fit a double exactly */
napi_value js_address(napi_env env, napi_callback_info info)
{
	napi_value value;
	size_t argc = 1;
	uint8_t *data;
	size_t length;

	TRY(env, napi_get_cb_info(env, info, &argc, &value, NULL, NULL));
	if (!memory_of(env, value, &data, &length)) {
		throw_last_error(env);
		return NULL;
	}
	return number_of(env, (int64_t)(intptr_t)data);
}
