// Package sessions finds the sessions that sudo, su and sshd log in the
// authentication log of Linux: who opened one as whom, when it ended, and which
// commands were run.
//
// [Parse] reads a line, [Pair] makes sessions of what many lines told.
//
// # The lines
//
// PAM's pam_unix tells when a session is opened and closed, for the service that
// it names in brackets:
//
//	sudo[31]: pam_unix(sudo:session): session opened for user root(uid=0) by ann(uid=1000)
//	sudo[31]: pam_unix(sudo:session): session closed for user root
//
// sudo itself tells the command, or why it refused; sshd tells from where:
//
//	sudo[31]:      ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/cat /etc/shadow
//	sshd[7]: Accepted publickey for ann from 203.0.113.7 port 50022 ssh2: RSA SHA256:…
//
// Whatever stands before those words is the syslog header; only the process id in
// it is used. Some collectors (Microsoft's) turn semicolons into blanks.
//
// # Pairing
//
// An end belongs to the oldest open session of the same host and service with the
// same process id or, where the log has no ids, for the same user. Lines may come
// in any order: they are sorted by time, and within one time so that a session
// that was opened and closed in the same second is one. A command belongs to the
// session that has its process id; without ids to one of the same user and
// target that was opened within [commandReach] before or after.
//
// # What is MSTICPy's
//
// [PairFirst] is what its cluster_syslog_logons_df does: all hosts, services and
// users are one; the first beginning is paired with the first end at the same time
// or later; a beginning up to that end is skipped, and so on. Sessions that overlap
// are lost, and ends may belong to others, which is why it is not the default.
//
// # What it misses
//
// The lines in which sudo continues a long command; sessions that are not opened
// by pam_unix; and a command without a process id whose user begins several
// sessions within [commandReach], which is given to the first without one.
package sessions
