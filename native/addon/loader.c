/*
 * bpf(2) off the event loop. A verification takes seconds, so it has its own threads. The few threads of the runtime
 * stay free for files and names. A thread starts when there is something to do, with the rights of the thread that
 * asks. It ends when nothing is left to do.
 */
#include "environment.h"
#include "thread.h"

#include <stdlib.h>

/* As many calls as Node's pool made at once. */
enum { MOST_THREADS = 4 };

struct job {
	struct job *next;
	napi_deferred deferred;
	napi_ref attr_ref;
	napi_ref keep_ref;
	uint8_t *attr;
	uint32_t size;
	int32_t cmd;
	int64_t result;
};

struct queue {
	struct job *first;
	struct job **end;
};

struct runner {
	struct environment *environment;
	pthread_t thread;
	/* Started, but not yet joined. */
	bool started;
	/* Has found nothing left to do. Guarded by the lock. */
	bool over;
};

struct loader {
	napi_threadsafe_function notify;
	/* Guarded by the lock. */
	struct queue waiting;
	struct queue done;
	struct runner runners[MOST_THREADS];
	/* Calls whose promises are not settled. Only the event loop's thread counts them. */
	size_t pending;
};

static void append(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->end = job;
	queue->end = &job->next;
}

static struct job *take_first(struct queue *queue)
{
	struct job *job = queue->first;

	if (job) {
		queue->first = job->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	return job;
}

static struct job *take_all(struct queue *queue)
{
	struct job *first = queue->first;

	queue->first = NULL;
	queue->end = &queue->first;
	return first;
}

static void *run(void *data)
{
	struct runner *runner = data;
	struct environment *environment = runner->environment;
	struct loader *loader = environment->loader;

	for (;;) {
		acquire(&environment->lock);
		struct job *job = take_first(&loader->waiting);
		runner->over = !job;
		release(&environment->lock);
		if (!job)
			return NULL;
		job->result = bpf_call(job->cmd, job->attr, job->size);
		/* At once, because nobody may be left to take it. */
		if (makes_descriptor(job->cmd))
			own_descriptor(environment, job->result);
		acquire(&environment->lock);
		append(&loader->done, job);
		release(&environment->lock);
		napi_call_threadsafe_function(loader->notify, NULL, napi_tsfn_nonblocking);
	}
}

static void free_job(napi_env env, struct job *job)
{
	if (job->attr_ref)
		napi_delete_reference(env, job->attr_ref);
	if (job->keep_ref)
		napi_delete_reference(env, job->keep_ref);
	free(job);
}

/* Settles finished calls. Nothing travels with the call itself, so nothing is lost when the environment ends. */
static void deliver(napi_env env, napi_value callback, void *context, void *data)
{
	struct environment *environment = context;

	(void)callback;
	(void)data;
	if (!env)
		return;
	if (environment->ended)
		return;
	struct loader *loader = environment->loader;
	acquire(&environment->lock);
	struct job *job = take_all(&loader->done);
	release(&environment->lock);
	while (job) {
		struct job *next = job->next;

		napi_resolve_deferred(env, job->deferred, number_of(env, job->result));
		free_job(env, job);
		if (--loader->pending == 0)
			napi_unref_threadsafe_function(env, loader->notify);
		job = next;
	}
}

static struct loader *loader_of(napi_env env, struct environment *environment)
{
	struct loader *loader = environment->loader;
	napi_value name;

	if (loader)
		return loader;
	loader = calloc(1, sizeof(*loader));
	if (!loader)
		return NULL;
	loader->waiting.end = &loader->waiting.first;
	loader->done.end = &loader->done.first;
	if (napi_create_string_utf8(env, "ebpf-ts bpf(2)", NAPI_AUTO_LENGTH, &name) != napi_ok ||
	    napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, environment, deliver,
	                                    &loader->notify) != napi_ok) {
		free(loader);
		return NULL;
	}
	napi_unref_threadsafe_function(env, loader->notify);
	for (int i = 0; i < MOST_THREADS; i++)
		loader->runners[i].environment = environment;
	environment->loader = loader;
	return loader;
}

/*
 * Makes sure of a thread for one more job, unless there are enough. 0, or the negated errno if there is no thread at
 * all.
 */
static int64_t start_runner(struct environment *environment)
{
	struct loader *loader = environment->loader;
	struct runner *idle = NULL;
	bool busy = false;

	for (int i = 0; i < MOST_THREADS; i++) {
		struct runner *runner = &loader->runners[i];

		acquire(&environment->lock);
		const bool over = runner->over;
		release(&environment->lock);
		if (runner->started && over) {
			pthread_join(runner->thread, NULL);
			runner->started = false;
		}
		if (runner->started)
			busy = true;
		else
			idle = runner;
	}
	if (!idle)
		return 0;
	idle->over = false;
	const int error = start_thread(&idle->thread, run, idle);
	idle->started = !error;
	return error && !busy ? -error : 0;
}

/* bpfAsync(cmd, attr, size, keep): a promise of the result, or the negated errno if no thread can be started */
napi_value js_bpf_async(napi_env env, napi_callback_info info)
{
	napi_value argv[4], promise;
	size_t argc = 4;
	struct environment *environment = environment_of(env);
	struct loader *loader = environment && !environment->ended ? loader_of(env, environment) : NULL;
	struct job *job = calloc(1, sizeof(*job));

	if (!loader || !job) {
		free(job);
		throw_last_error(env);
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
	    !read_call(env, argv, &job->cmd, &job->attr, &job->size) ||
	    napi_create_reference(env, argv[1], 1, &job->attr_ref) != napi_ok ||
	    napi_create_reference(env, argv[3], 1, &job->keep_ref) != napi_ok ||
	    napi_create_promise(env, &job->deferred, &promise) != napi_ok) {
		throw_last_error(env);
		free_job(env, job);
		return NULL;
	}
	acquire(&environment->lock);
	append(&loader->waiting, job);
	release(&environment->lock);
	const int64_t error = start_runner(environment);
	if (error) {
		/* No thread runs, so this is the only job. */
		take_all(&loader->waiting);
		napi_resolve_deferred(env, job->deferred, number_of(env, error));
		free_job(env, job);
		return number_of(env, error);
	}
	if (loader->pending++ == 0)
		napi_ref_threadsafe_function(env, loader->notify);
	return promise;
}

static void drop(struct job *job)
{
	while (job) {
		struct job *next = job->next;

		/* Its references go with the environment. */
		free(job);
		job = next;
	}
}

void loader_end(struct environment *environment)
{
	struct loader *loader = environment->loader;

	if (!loader)
		return;
	acquire(&environment->lock);
	struct job *waiting = take_all(&loader->waiting);
	release(&environment->lock);
	drop(waiting);
	/* The kernel still reads and writes memory of this environment, and the threads run code of this library. */
	for (int i = 0; i < MOST_THREADS; i++) {
		if (loader->runners[i].started)
			pthread_join(loader->runners[i].thread, NULL);
	}
	napi_release_threadsafe_function(loader->notify, napi_tsfn_abort);
	drop(take_all(&loader->done));
	environment->loader = NULL;
	free(loader);
}
