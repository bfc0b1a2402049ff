/*
 * Things that only one thread of the process may use at a time, such as a ring buffer, which has one reader. They are
 * claimed by number, across all environments (workers). A claim ends by release() or with the environment that made it.
 */
#include "environment.h"

#include <stdlib.h>

struct claim {
	struct claim *next;
	napi_env env;
	int64_t key;
};

static struct claim *claims;
static atomic_flag lock = ATOMIC_FLAG_INIT;

/* The claim on a key. The caller holds the lock. */
static struct claim **find(int64_t key)
{
	struct claim **link = &claims;

	while (*link && (*link)->key != key)
		link = &(*link)->next;
	return link;
}

static void end_claim(void *data)
{
	struct claim *claim = data;

	acquire(&lock);
	struct claim **link = find(claim->key);
	if (*link == claim)
		*link = claim->next;
	release(&lock);
	free(claim);
}

/* claim(key): whether it was free. Then it is the caller's */
napi_value js_claim(napi_env env, napi_callback_info info)
{
	napi_value argv[1], result;
	size_t argc = 1;
	struct claim *claim = calloc(1, sizeof(*claim));

	if (!claim) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
	    napi_get_value_int64(env, argv[0], &claim->key) != napi_ok) {
		throw_last_error(env);
		free(claim);
		return NULL;
	}
	claim->env = env;
	acquire(&lock);
	const bool available = *find(claim->key) == NULL;
	if (available) {
		claim->next = claims;
		claims = claim;
	}
	release(&lock);
	if (!available)
		free(claim);
	else if (napi_add_env_cleanup_hook(env, end_claim, claim) != napi_ok) {
		throw_last_error(env);
		end_claim(claim);
		return NULL;
	}
	TRY(env, napi_get_boolean(env, available, &result));
	return result;
}

/* release(key): ends the caller's own claim, if there is one */
napi_value js_release(napi_env env, napi_callback_info info)
{
	napi_value argv[1];
	size_t argc = 1;
	int64_t key;

	TRY(env, napi_get_cb_info(env, info, &argc, argv, NULL, NULL));
	TRY(env, napi_get_value_int64(env, argv[0], &key));
	acquire(&lock);
	struct claim *claim = *find(key);
	if (claim && claim->env != env)
		claim = NULL;
	release(&lock);
	/* Nobody else ends it, because claims belong to this thread. */
	if (claim) {
		napi_remove_env_cleanup_hook(env, end_claim, claim);
		end_claim(claim);
	}
	return NULL;
}
