/* SPDX-License-Identifier: Apache-2.0 */
/* ring.c - checks that name each other, by `needs` or `fix.after`, must not lead round. */
#include <stdlib.h>

#include "base/buf.h"
#include "load/check_parts.h"

struct ring {
    const struct hg_checks *checks;
    hg_open_fn *open;
    const char *begins, *goes_on, *pointer; /* of the sentence, and of its place */
};

/* Every check that is left leads to another that is left: a walk ends up going round. */
static bool fail_round(const struct ring *r, const bool *settled, size_t at,
                       struct hg_error *err)
{
    const struct hg_check *items = r->checks->items;
    struct hg_buf text = { 0 };
    size_t first;
    bool ok;

    for (size_t i = 0; i < r->checks->n; i++) {
        at = r->open(r->checks, settled, at); /* into the ring */
    }
    first = at;
    for (size_t i = r->open(r->checks, settled, at); i != at;
         i = r->open(r->checks, settled, i)) {
        first = i < first ? i : first; /* the same one whichever the walk came to */
    }
    hg_buf_printf(&text, "%s%s", r->begins, items[first].id);
    at = first;
    do {
        at = r->open(r->checks, settled, at);
        hg_buf_printf(&text, "%s%s", r->goes_on, items[at].id);
    } while (at != first && text.len < 300);
    ok = hg_check_fail_in(&items[first], r->pointer, hg_buf_text(&text), err);
    hg_buf_done(&text);
    return ok;
}

/* Settles those that lead to settled ones only, until nothing changes. No recursion and no path
 * is walked twice: files from outside may name each other in every way. */
bool hg_check_no_ring(const struct hg_checks *checks, hg_open_fn *open, const char *begins,
                      const char *goes_on, const char *pointer, struct hg_error *err)
{
    const struct ring r = { checks, open, begins, goes_on, pointer };
    bool *settled = calloc(checks->n, sizeof(*settled)), changed = true, ok = true;

    if (settled == NULL) {
        return hg_fail_nomem(err);
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < checks->n; i++) {
            if (!settled[i] && open(checks, settled, i) == checks->n) {
                settled[i] = changed = true;
            }
        }
    }
    for (size_t i = 0; ok && i < checks->n; i++) {
        ok = settled[i] || fail_round(&r, settled, i, err);
    }
    free(settled);
    return ok;
}
