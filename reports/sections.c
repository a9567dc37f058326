/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/sections.h"

#include <jansson.h>
#include <stdlib.h>

#include "reports/escape.h"

/* The index of the section of that name, made when there is none. */
static bool index_of(json_t *by_name, const char *name, struct hg_sections *s, size_t *ret)
{
    json_t *known = json_object_get(by_name, name);

    if (known != NULL) {
        *ret = (size_t)json_integer_value(known);
        return true;
    }
    *ret = s->n++;
    s->list[*ret].name = name;
    return json_object_set_new(by_name, name, json_integer((json_int_t)*ret)) == 0;
}

static void take_faults(struct hg_sections *s, struct hg_section *section, json_t *errors)
{
    size_t i;
    json_t *item;

    section->faults = section->faults ? section->faults : s->fault_room + s->n_faults;
    json_array_foreach (errors, i, item) {
        const char *text = json_string_value(item);

        section->faults[section->n_faults++] = text ? text : "(a fault without text)";
    }
    s->n_faults += json_array_size(errors);
}

static void take_own_faults(struct hg_sections *s, const struct hg_run *run)
{
    struct hg_section *own = &s->list[s->n];

    take_faults(s, own, json_object_get(run->doc, "errors"));
    if (own->n_faults > 0) {
        own->name = "headgate";
        own->of_run = true;
        s->n++;
    }
}

static bool take_targets(struct hg_sections *s, const struct hg_run *run, json_t *by_name)
{
    for (size_t i = 0; i < run->n_targets; i++) {
        const struct hg_run_target *t = &run->targets[i];
        struct hg_section *section = &s->list[s->n];
        size_t index = s->n;

        if (json_object_get(by_name, t->id) == NULL) {
            if (!index_of(by_name, t->id, s, &index)) {
                return false;
            }
        } else {
            section->name = t->id; /* a second one of that name: its faults count as well */
            s->n++;
        }
        section->target = t;
        take_faults(s, section, t->errors);
    }
    return true;
}

/* Two passes: how many each section has, then where they stand. */
static bool take_findings(struct hg_sections *s, const struct hg_run *run, json_t *by_name)
{
    const struct hg_finding **room = s->finding_room;
    size_t index;

    for (size_t i = 0; i < run->n_findings; i++) {
        if (!index_of(by_name, run->findings[i].target, s, &index)) {
            return false;
        }
        s->list[index].n_findings++;
    }
    for (size_t i = 0; i < s->n; i++) {
        s->list[i].findings = room;
        room += s->list[i].n_findings;
        s->list[i].n_findings = 0;
    }
    for (size_t i = 0; i < run->n_findings; i++) {
        struct hg_section *section;

        if (!index_of(by_name, run->findings[i].target, s, &index)) {
            return false;
        }
        section = &s->list[index];
        section->findings[section->n_findings++] = &run->findings[i];
    }
    return true;
}

bool hg_sections_make(struct hg_sections *ret, const struct hg_run *run)
{
    json_t *by_name = json_object();
    bool ok;

    *ret = (struct hg_sections){ 0 };
    ret->list = calloc(run->n_targets + run->n_findings + 1, sizeof(*ret->list));
    ret->finding_room = calloc(run->n_findings + 1, sizeof(*ret->finding_room));
    ret->fault_room = calloc(run->n_errors + 2, sizeof(*ret->fault_room));
    ok = by_name != NULL && ret->list != NULL && ret->finding_room != NULL &&
         ret->fault_room != NULL && take_targets(ret, run, by_name) &&
         take_findings(ret, run, by_name);
    if (ok) {
        take_own_faults(ret, run);
    }
    json_decref(by_name);
    return ok;
}

void hg_sections_done(struct hg_sections *s)
{
    free(s->list);
    free(s->finding_room);
    free(s->fault_room);
}

void hg_put_fault_name(struct hg_buf *out, const struct hg_section *s, size_t index)
{
    hg_buf_puts(out, "headgate.error");
    if (!s->of_run) {
        hg_buf_putc(out, ' ');
        hg_put_plain(out, s->name, false);
    }
    if (index > 0) {
        hg_buf_printf(out, " (%zu)", index + 1);
    }
}
