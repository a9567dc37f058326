// Tonight's list: 1. hostile to Markdown | a | b | `code` ``two`` ```three ```
// <img src=x onerror=alert(1)> <b>bold</b> &lt; &amp; &#42; <!-- hidden -->
// [click](http://evil.example/) ![i](http://evil.example/i.png) [ref][1] [^1]
// [x] @org/team @user mail a@b.example #123 owner/repo#45 GH-67 gh-8
// http://evil.example/x www.evil.example ftp://evil.example *em* **strong**
// _em_ __strong__ ~~gone~~ - item * item + item 1. item 2) item # heading >
// quote --- === code :smile: :+1: 12:100:00 $x^2$ $$y$$ $`z`$ back\slash \* \|
// \` end\ </summary></details><script>alert(1)</script> word : a_b_c snake_case
// *.* 'u'@'%' 'u'@'localhost' - [ ] task [x] done ::error::from a server
// �:stop-commands::x ##�error]old 100% %0A a,b:c
// 2026-11-24T09:30:00Z | `, level look, headgate 0.1.0. The gate is CLOSED: 6
// failures (6 blocker), 5 unknown, 1 waiting, 2 faults of ours; it fails on
// major and worse.
//
// What mongodb can do of it: mongosh ... --file FILE. A statement is commented
// out where <...> has to be filled in, where it closes nothing, and where it
// cannot be undone. Then run headgate again: what waited may show.
// Nothing in it.
