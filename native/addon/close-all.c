/* Closes many descriptors at once: some, such as links to perf events, make the caller wait for all CPUs. */
#include "environment.h"
#include "raw-syscall.h"
#include "thread.h"

/* More threads gain nothing more. */
enum { MOST_THREADS = 4 };

struct work {
	const int32_t *fds;
	size_t count;
	_Atomic size_t next;
};

static void *close_some(void *data)
{
	struct work *work = data;

	for (;;) {
		const size_t index = atomic_fetch_add(&work->next, 1);

		if (index >= work->count)
			return NULL;
		raw_syscall(__NR_close, work->fds[index], 0, 0, 0, 0, 0);
	}
}

/*
 * closeAll(fds): closes the descriptors of an Int32Array on several threads, and returns when all are closed. No
 * JavaScript runs meanwhile, so the memory stays what it is.
 */
napi_value js_close_all(napi_env env, napi_callback_info info)
{
	napi_value value;
	size_t argc = 1;
	uint8_t *data;
	size_t length;
	pthread_t threads[MOST_THREADS];
	size_t started = 0;

	TRY(env, napi_get_cb_info(env, info, &argc, &value, NULL, NULL));
	if (!memory_of(env, value, &data, &length)) {
		throw_last_error(env);
		return NULL;
	}
	struct work work = { (const int32_t *)(const void *)data, length / sizeof(int32_t), 0 };

	for (size_t i = 0; i < work.count; i++)
		disown_descriptor(environment_of(env), work.fds[i]);
	/* This thread works too. Without any other, it does all of it. */
	while (started + 1 < MOST_THREADS && started + 1 < work.count &&
	       start_thread(&threads[started], close_some, &work) == 0)
		started++;
	close_some(&work);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	return NULL;
}
