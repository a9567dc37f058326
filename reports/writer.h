/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * writer.h - from a finished run to bytes.
 *
 * A writer reads the run and appends to the buffer. It never filters, sorts, reads the clock or
 * the environment, does I/O or sets the exit status. A new one is a file here and a line in
 * WRITERS.
 */

#include "base/buf.h"
#include "model/run.h"

/* How a report for people may look; machine formats ignore it. */
struct hg_look {
    bool colour;  /* ANSI colours */
    size_t width; /* columns to wrap at; 0: do not wrap */
    bool verbose; /* also what passed, with why and evidence */
};

struct hg_writer {
    const char *name;      /* as in --report NAME=FILE: "junit", "junit:strict" */
    const char *summary;   /* for --help */
    const char *extension; /* "xml" */
    void (*write)(struct hg_buf *out, const struct hg_run *run, const struct hg_look *look);
};

/* NULL-terminated, generated from WRITERS. */
extern const struct hg_writer *const hg_writers[];

/* NULL when there is none of that name. */
const struct hg_writer *hg_writer_find(const char *name);
