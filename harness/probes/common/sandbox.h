/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* sandbox.h - a probe locks itself in before it talks to a server (DESIGN section 4). */

#include <stdbool.h>
#include <stddef.h>

/* Dies with the parent, leaves no core file, may gain no privilege, has bounded memory, file
 * descriptors and processor time. Called first, before the secret is read. */
void hg_sandbox_limits(int deadline_ms);

/* Leaves the process only the files that name resolution, TLS and client-library plugins
 * read, and `files` (up to `n`; NULLs are skipped). Where the kernel has no Landlock nothing
 * happens: the limits above still hold. Returns whether it is in force. */
bool hg_sandbox_files(const char *const *files, size_t n);
