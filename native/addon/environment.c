/* The descriptors of an environment, and its end. */
#include "environment.h"

#include "raw-syscall.h"

#include <stdlib.h>

enum { WORD = 64 };

static void end(void *data)
{
	struct environment *environment = data;

	if (environment->ended)
		return;
	environment->ended = true;
	/* This comes first: what is still being loaded becomes a descriptor. */
	loader_end(environment);
	acquire(&environment->lock);
	for (size_t word = 0; word < environment->words; word++) {
		uint64_t bits = environment->descriptors[word];

		environment->descriptors[word] = 0;
		for (; bits; bits &= bits - 1)
			raw_syscall(__NR_close, (int64_t)(word * WORD) + __builtin_ctzll(bits), 0, 0, 0, 0, 0);
	}
	release(&environment->lock);
}

static void finalize(napi_env env, void *data, void *hint)
{
	struct environment *environment = data;

	(void)hint;
	/* Runtimes differ in which comes first, the hook or this. */
	if (!environment->ended) {
		napi_remove_env_cleanup_hook(env, end, environment);
		end(environment);
	}
	free(environment->descriptors);
	free(environment);
}

bool environment_start(napi_env env)
{
	struct environment *environment = calloc(1, sizeof(*environment));

	if (!environment) {
		napi_throw_error(env, NULL, "out of memory");
		return false;
	}
	environment->env = env;
	if (napi_set_instance_data(env, environment, finalize, NULL) != napi_ok) {
		free(environment);
		return false;
	}
	return napi_add_env_cleanup_hook(env, end, environment) == napi_ok;
}

struct environment *environment_of(napi_env env)
{
	void *environment = NULL;

	return napi_get_instance_data(env, &environment) == napi_ok ? environment : NULL;
}

void own_descriptor(struct environment *environment, int64_t fd)
{
	const size_t word = (size_t)fd / WORD;

	if (!environment || fd < 0)
		return;
	acquire(&environment->lock);
	if (word >= environment->words) {
		const size_t words = word * 2 + 4;
		uint64_t *grown = realloc(environment->descriptors, words * sizeof(*grown));

		/* Without memory for it, the descriptor stays with the process. */
		if (grown) {
			for (size_t i = environment->words; i < words; i++)
				grown[i] = 0;
			environment->descriptors = grown;
			environment->words = words;
		}
	}
	if (word < environment->words)
		environment->descriptors[word] |= UINT64_C(1) << (fd % WORD);
	release(&environment->lock);
}

void disown_descriptor(struct environment *environment, int64_t fd)
{
	const size_t word = (size_t)fd / WORD;

	if (!environment || fd < 0)
		return;
	acquire(&environment->lock);
	if (word < environment->words)
		environment->descriptors[word] &= ~(UINT64_C(1) << (fd % WORD));
	release(&environment->lock);
}

/* disown(fd): leaves a descriptor to the process, which then closes it itself */
napi_value js_disown(napi_env env, napi_callback_info info)
{
	napi_value value;
	size_t argc = 1;
	int64_t fd;

	TRY(env, napi_get_cb_info(env, info, &argc, &value, NULL, NULL));
	TRY(env, napi_get_value_int64(env, value, &fd));
	disown_descriptor(environment_of(env), fd);
	return NULL;
}
