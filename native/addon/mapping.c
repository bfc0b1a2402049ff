/* Memory mappings as ArrayBuffers. Each is unmapped once: by munmap(), or else when it is collected. */
#include "environment.h"

#include "raw-syscall.h"

#include <errno.h>
#include <stdlib.h>

struct mapping {
	struct mapping *next;
	void *address;
	size_t length;
	bool mapped;
	/* Its ArrayBuffer is being made. */
	bool starting;
	/* The runtime has called collected(), which frees the record unless it is starting. */
	bool collected;
};

/* Shared by all environments (workers) of the process. */
static struct mapping *mappings;
static atomic_flag lock = ATOMIC_FLAG_INIT;

static void remove_mapping(struct mapping *mapping)
{
	acquire(&lock);
	for (struct mapping **link = &mappings; *link; link = &(*link)->next) {
		if (*link == mapping) {
			*link = mapping->next;
			break;
		}
	}
	release(&lock);
}

static void unmap(const struct mapping *mapping)
{
	raw_syscall(__NR_munmap, (int64_t)(intptr_t)mapping->address, (int64_t)mapping->length, 0, 0, 0, 0);
}

static void collected(napi_env env, void *data, void *hint)
{
	struct mapping *mapping = hint;

	(void)env;
	(void)data;
	if (mapping->starting) {
		mapping->collected = true;
		return;
	}
	remove_mapping(mapping);
	if (mapping->mapped)
		unmap(mapping);
	free(mapping);
}

/* mmap(length, prot, flags, fd, offset, address = 0): an ArrayBuffer over the mapping, or the negated errno */
napi_value js_mmap(napi_env env, napi_callback_info info)
{
	napi_value argv[6], buffer;
	size_t argc = 6;
	int64_t values[6] = { 0 };

	TRY(env, napi_get_cb_info(env, info, &argc, argv, NULL, NULL));
	for (size_t i = 0; i < 5 || (i < 6 && i < argc); i++)
		TRY(env, napi_get_value_int64(env, argv[i], &values[i]));

	int64_t address =
		raw_syscall(__NR_mmap, values[5], values[0], values[1], values[2], values[3], values[4]);
	if (address < 0 && address >= -4095)
		return number_of(env, address);

	struct mapping *mapping = calloc(1, sizeof(*mapping));
	if (!mapping) {
		raw_syscall(__NR_munmap, address, values[0], 0, 0, 0, 0);
		return number_of(env, -ENOMEM);
	}
	mapping->address = (void *)(intptr_t)address;
	mapping->length = (size_t)values[0];
	mapping->mapped = true;
	mapping->starting = true;

	napi_status status = napi_create_external_arraybuffer(env, mapping->address, mapping->length, collected,
	                                                      mapping, &buffer);
	mapping->starting = false;
	if (status != napi_ok) {
		unmap(mapping);
		mapping->mapped = false;
		/*
		 * Runtimes differ: collected() has been called by now, will be called, or is never called. Only in the first case may
		 * the record be freed. In the others it stays, without a mapping.
		 */
		if (mapping->collected)
			free(mapping);
		/* Some embedders forbid external memory. Then the caller copies through system calls. */
		if (status == napi_no_external_buffers_allowed)
			return number_of(env, -EOPNOTSUPP);
		throw_last_error(env);
		return NULL;
	}
	acquire(&lock);
	mapping->next = mappings;
	mappings = mapping;
	release(&lock);
	return buffer;
}

/* munmap(buffer): detaches the ArrayBuffer, so that views have length 0, then unmaps. True if it was mapped */
napi_value js_munmap(napi_env env, napi_callback_info info)
{
	napi_value buffer, result;
	size_t argc = 1, length = 0;
	void *data = NULL;
	struct mapping found = { .mapped = false };

	TRY(env, napi_get_cb_info(env, info, &argc, &buffer, NULL, NULL));
	TRY(env, napi_get_arraybuffer_info(env, buffer, &data, &length));
	acquire(&lock);
	for (struct mapping *mapping = mappings; mapping; mapping = mapping->next) {
		if (data && mapping->mapped && mapping->address == data) {
			found = *mapping;
			/* From here on the collector's callback only frees the record. */
			mapping->mapped = false;
			break;
		}
	}
	release(&lock);
	if (found.mapped) {
		TRY(env, napi_detach_arraybuffer(env, buffer));
		unmap(&found);
	}
	TRY(env, napi_get_boolean(env, found.mapped, &result));
	return result;
}
