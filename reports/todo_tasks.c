/* SPDX-License-Identifier: Apache-2.0 */
/* todo_tasks.c - causes as things to do, in an order that works. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "reports/todo.h"

/* There are not as many checks; a run from elsewhere must not take for ever. */
#define ORDER_MAX 500

static const char *const whos[HG_WHOS] = { "network", "platform", "iam", "dba", "nobody" };

const char *hg_who_name(enum hg_who who)
{
    return whos[who];
}

static enum hg_who who_of(const char *name)
{
    for (int i = 0; i < HG_NOBODY; i++) {
        if (strcmp(whos[i], name) == 0) {
            return (enum hg_who)i;
        }
    }
    return HG_NOBODY;
}

/* Of what waits on something outside of the run only the check's name is known. */
static struct hg_task task_of(const struct hg_cause *cause)
{
    const struct hg_finding *f = cause->finding;

    return (struct hg_task){ .cause = cause,
                             .finding = f,
                             .who = cause->stands_in ? HG_NOBODY : who_of(f->fix_who),
                             .effect = hg_effect_parse(f->fix_effect),
                             .optional = !cause->closes };
}

static bool comes_after(const struct hg_task *a, const struct hg_task *b)
{
    size_t i;
    json_t *glob;

    json_array_foreach (a->finding->fix_after, i, glob) {
        if (a != b && hg_glob(json_string_value(glob), b->finding->check)) {
            return true;
        }
    }
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct hg_task *x = a, *y = b;

    if (x->cause->section != y->cause->section) {
        return x->cause->section < y->cause->section ? -1 : 1;
    }
    if (x->effect != y->effect) {
        return x->effect < y->effect ? -1 : 1;
    }
    if (x->optional != y->optional) {
        return x->optional ? 1 : -1;
    }
    if (x->cause->severity != y->cause->severity) {
        return x->cause->severity > y->cause->severity ? -1 : 1;
    }
    return x->cause < y->cause ? -1 : x->cause > y->cause;
}

static bool together(const struct hg_task *a, const struct hg_task *b)
{
    return a->cause->section == b->cause->section && a->effect == b->effect;
}

/* It comes after none of those that are left. */
static bool may_be_next(const struct hg_task *at, const struct hg_task *left, size_t n)
{
    for (size_t i = 0; at->finding->fix_after != NULL && i < n; i++) {
        if (comes_after(at, &left[i])) {
            return false;
        }
    }
    return true;
}

/* Takes the first that may be next, again and again. A run from elsewhere may go round: then
 * none may, and the first does. */
static void put_in_order(struct hg_task *list, size_t n)
{
    for (size_t done = 0; n <= ORDER_MAX && done < n; done++) {
        size_t next = done;
        struct hg_task task;

        while (next < n && !may_be_next(&list[next], list + done, n - done)) {
            next++;
        }
        next = next == n ? done : next;
        task = list[next];
        memmove(list + done + 1, list + done, (next - done) * sizeof(*list));
        list[done] = task;
    }
}

bool hg_tasks_make(struct hg_tasks *ret, const struct hg_run *run)
{
    *ret = (struct hg_tasks){ .list = NULL };
    if (!hg_sections_make(&ret->sections, run) ||
        !hg_causes_make(&ret->causes, &ret->sections, run->n_findings)) {
        return false;
    }
    ret->list = calloc(ret->causes.n + 1, sizeof(*ret->list));
    if (ret->list == NULL) {
        return false;
    }
    for (size_t i = 0; i < ret->causes.n; i++) {
        ret->list[ret->n++] = task_of(&ret->causes.list[i]);
        ret->waiting += ret->causes.list[i].waiting;
    }
    qsort(ret->list, ret->n, sizeof(*ret->list), by_place);
    for (size_t first = 0, end; first < ret->n; first = end) {
        for (end = first + 1; end < ret->n && together(&ret->list[first], &ret->list[end]);) {
            end++;
        }
        put_in_order(ret->list + first, end - first);
    }
    return true;
}

void hg_tasks_done(struct hg_tasks *tasks)
{
    free(tasks->list);
    hg_causes_done(&tasks->causes);
    hg_sections_done(&tasks->sections);
}
