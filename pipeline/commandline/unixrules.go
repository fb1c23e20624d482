package commandline

// unixRules are what intruders do on Linux and other Unix systems.
func unixRules() []Rule {
	shells := []string{"sh", "bash", "dash", "zsh", "ksh", "ash", "python", "python3", "python2", "perl", "ruby", "php", "node"}
	return []Rule{
		{ID: "download-to-shell", Title: "what is fetched goes straight into a shell", Severity: "critical", Attack: []string{"T1059.004", "T1105"}, Program: []string{"curl", "wget", "fetch", "lwp-download"}, Into: shells},
		{ID: "download-run", Title: "a fetched text is run by a shell", Severity: "critical", Attack: []string{"T1059.004", "T1105"}, Regex: `\b(?:(?:ba|da|z|k)?sh|eval|source)\b[^|;&\n]{0,40}(?:\$\(|<\(|` + "`" + `)\s*(?:curl|wget)\b`, Any: []string{"*curl*", "*wget*"}},
		{ID: "download-tmp", Title: "a file is fetched into a place where anybody may write", Severity: "medium", Attack: []string{"T1105"}, Program: []string{"curl", "wget", "scp", "tftp"}, Any: []string{"/tmp/*", "/var/tmp/*", "/dev/shm/*", "-o/tmp/*", "-p/tmp*"}},
		{ID: "decode-to-shell", Title: "what is decoded goes straight into a shell", Severity: "critical", Attack: []string{"T1140", "T1059.004"}, Program: []string{"base64", "base32", "xxd", "openssl", "rev", "gunzip", "zcat", "uudecode"}, Into: shells},
		{ID: "text-to-shell", Title: "a text is piped into a shell", Severity: "medium", Attack: []string{"T1059.004"}, Program: []string{"echo", "printf"}, Into: []string{"sh", "bash", "dash", "zsh", "ksh", "ash"}},
		{ID: "network-shell", Title: "a shell talks to the network through /dev/tcp", Severity: "critical", Attack: []string{"T1059.004", "T1095"}, Any: []string{"*/dev/tcp/*", "*/dev/udp/*"}},
		{ID: "fifo-shell", Title: "a shell is tied to a connection by a named pipe", Severity: "critical", Attack: []string{"T1059.004", "T1095"}, All: []string{"mkfifo"}, Any: []string{"nc", "ncat", "telnet", "openssl", "*/nc"}},
		{ID: "script-socket", Title: "a script language opens a connection from its command line", Severity: "high", Attack: []string{"T1059.006", "T1095"}, Program: []string{"python", "python2", "python3", "perl", "ruby", "php", "lua", "node", "awk"}, Any: []string{"*socket*", "*fsockopen*", "*/inet/tcp/*", "*pty.spawn*", "*tcpsocket*"}},
		{ID: "terminal-spawn", Title: "a shell gets itself a terminal", Severity: "high", Attack: []string{"T1059.006"}, Any: []string{"*pty.spawn*"}},
		{ID: "cron-odd", Title: "a job of cron fetches something or hides its output", Severity: "high", Attack: []string{"T1053.003"}, All: []string{"*cron*"}, Any: []string{"*curl*", "*wget*", "*/dev/tcp*", "*/tmp/*", "*base64*"}},
		{ID: "cron-change", Title: "jobs of cron are changed", Severity: "low", Attack: []string{"T1053.003"}, Program: []string{"crontab"}, None: []string{"-l"}},
		{ID: "cron-delete", Title: "jobs of cron are removed", Severity: "medium", Attack: []string{"T1053.003", "T1489"}, Program: []string{"crontab"}, Any: []string{"-r"}},
		{ID: "tmp-executable", Title: "a file where anybody may write is made a program", Severity: "high", Attack: []string{"T1222.002"}, Program: []string{"chmod"}, All: []string{"*"}, Any: []string{"*+x* /tmp/*", "*+x* /var/tmp/*", "*+x* /dev/shm/*", "*77* /tmp/*", "*77* /var/tmp/*", "*77* /dev/shm/*", "755 /tmp/*", "755 /dev/shm/*", "755 /var/tmp/*"}},
		{ID: "tmp-run", Title: "a program is run from where anybody may write", Severity: "medium", Attack: []string{"T1059.004", "T1036.005"}, Any: []string{"nohup /tmp/*", "nohup /var/tmp/*", "nohup /dev/shm/*", "setsid /tmp/*", "setsid /dev/shm/*", "sh /tmp/*", "bash /tmp/*", "sh /dev/shm/*", "bash /dev/shm/*", "insmod /tmp/*", "sh /var/tmp/*", "bash /var/tmp/*"}},
		{ID: "setuid", Title: "a program is made to run as its owner", Severity: "high", Attack: []string{"T1548.001"}, Program: []string{"chmod"}, Any: []string{"*u+s*", "*g+s*", "+s", "4755", "4777", "06755", "6755", "2755"}},
		{ID: "preload", Title: "a library is forced into other programs", Severity: "high", Attack: []string{"T1574.006"}, Any: []string{"ld_preload=*", "*/etc/ld.so.preload*", "*dyld_insert_libraries=*"}},
		{ID: "history-clear", Title: "the shell's history is cleared or switched off", Severity: "high", Attack: []string{"T1070.003"}, Any: []string{"history -c", "history -*c", "histfile=/dev/null", "histfile=", "unset histfile", "histsize=0", "histfilesize=0", "*rm*.bash_history", "*.bash_history"}},
		{ID: "log-wipe", Title: "logs of the system are wiped", Severity: "high", Attack: []string{"T1070.002"}, Program: []string{"rm", "shred", "truncate", "unlink", "dd", "cp", "mv", "echo", "cat", "sed"}, Any: []string{"> /var/log/*", "-*f* /var/log/*", "/var/log/auth.log", "/var/log/secure", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/dev/null /var/log/*", "-s 0 /var/log/*"}, None: []string{"> /dev/*"}},
		{ID: "to-nothing", Title: "files are moved to nowhere", Severity: "medium", Attack: []string{"T1485"}, Program: []string{"mv"}, Any: []string{"/dev/null"}},
		{ID: "time-stomp", Title: "the time of a file is set to another's", Severity: "medium", Attack: []string{"T1070.006"}, Program: []string{"touch"}, Any: []string{"-r", "-*t", "-d", "--reference=*", "--date=*"}},
		{ID: "authorized-keys", Title: "keys for logins are changed", Severity: "high", Attack: []string{"T1098.004"}, Any: []string{"*authorized_keys*"}},
		{ID: "shadow-read", Title: "password hashes are read", Severity: "high", Attack: []string{"T1003.008"}, Any: []string{"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "*unshadow*", "/etc/master.passwd"}},
		{ID: "sudoers-change", Title: "the rights to become root are changed", Severity: "high", Attack: []string{"T1548.003"}, Program: []string{"echo", "tee", "sed", "cp", "mv", "chmod", "printf"}, Any: []string{"*/etc/sudoers*", "*nopasswd*"}},
		{ID: "root-account", Title: "an account with the rights of root is made", Severity: "critical", Attack: []string{"T1136.001"}, Program: []string{"useradd", "usermod", "adduser"}, Any: []string{"-*o*", "-u 0", "--uid 0", "-*u0"}, All: []string{"*0*"}},
		{ID: "account-add-unix", Title: "an account is made", Severity: "medium", Attack: []string{"T1136.001"}, Program: []string{"useradd", "adduser"}},
		{ID: "admin-group-unix", Title: "an account is put into a group of administrators", Severity: "high", Attack: []string{"T1098"}, Program: []string{"usermod", "gpasswd", "adduser"}, Any: []string{"sudo", "wheel", "root", "docker", "*sudo*", "admin"}},
		{ID: "firewall-flush", Title: "the firewall is emptied or switched off", Severity: "high", Attack: []string{"T1562.004"}, Program: []string{"iptables", "ip6tables", "ufw", "nft", "firewall-cmd", "systemctl", "service"}, Any: []string{"-f", "--flush", "disable", "flush ruleset", "stop firewalld", "stop iptables", "disable firewalld"}, None: []string{"*.service"}},
		{ID: "audit-off", Title: "auditing or protection is switched off", Severity: "high", Attack: []string{"T1562.001", "T1562.012"}, Program: []string{"auditctl", "setenforce", "systemctl", "service", "pkill", "killall"}, Any: []string{"-e 0", "-d", "0", "permissive", "stop auditd*", "disable auditd*", "stop rsyslog*", "disable rsyslog*", "auditd stop", "rsyslog stop", "auditd", "falcon-sensor", "stop falcon-sensor*", "stop falco*"}, None: []string{"start auditd*", "status auditd*", "restart auditd*", "auditd status", "auditd start", "auditd restart", "enable auditd*"}},
		{ID: "immutable", Title: "files are protected against removal", Severity: "medium", Attack: []string{"T1222.002"}, Program: []string{"chattr"}, Any: []string{"+i", "-i", "+ia", "-ia", "-iae", "+a"}},
		{ID: "kernel-module", Title: "a module is loaded into the kernel", Severity: "medium", Attack: []string{"T1547.006"}, Program: []string{"insmod", "modprobe", "kmod"}, None: []string{"-l", "-r", "-n", "--show-depends"}},
		{ID: "fork-bomb", Title: "a fork bomb", Severity: "high", Attack: []string{"T1499.001"}, All: []string{":"}, Regex: `:\s*\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:`},
		{ID: "disk-wipe", Title: "a disk or everything on it is overwritten", Severity: "critical", Attack: []string{"T1485", "T1561"}, Program: []string{"dd", "rm", "shred", "mkfs", "mkfs.ext4", "wipefs"}, Any: []string{"of=/dev/sd*", "of=/dev/nvme*", "of=/dev/vd*", "of=/dev/xvd*", "--no-preserve-root", "-rf /", "-fr /", "-rf /*", "/dev/sd*", "/dev/nvme*", "/dev/vd*"}, None: []string{"-rf /?*", "/tmp/*", "-rf /tmp*", "-rf /var*", "-rf /home*", "-rf /opt*", "-rf /usr*"}},
		{ID: "namespace-escape", Title: "a container is left for its host", Severity: "high", Attack: []string{"T1611"}, Any: []string{"*--privileged*", "nsenter -*t* 1", "nsenter --target 1", "*/var/run/docker.sock*", "*release_agent*"}},
		{ID: "cloud-metadata", Title: "the cloud's metadata service is asked", Severity: "medium", Attack: []string{"T1552.005"}, Any: []string{"*169.254.169.254*", "*metadata.google.internal*", "*100.100.100.200*"}},
		{ID: "tunnel", Title: "a tunnel out of the network is dug", Severity: "medium", Attack: []string{"T1572"}, Program: []string{"ssh", "plink", "chisel", "ngrok", "frpc", "cloudflared", "socat"}, Any: []string{"-r", "-*r *:*:*", "-d", "client", "tunnel", "tcp-listen:*", "http", "tcp"}, None: []string{"-v"}},
		{ID: "miner", Title: "a miner of coins is started", Severity: "high", Attack: []string{"T1496"}, Any: []string{"*stratum+tcp://*", "*stratum+ssl://*", "*xmrig*", "--donate-level*", "*cryptonight*"}},
		{ID: "private-keys", Title: "private keys are searched for or read", Severity: "medium", Attack: []string{"T1552.004"}, Program: []string{"cat", "find", "grep", "cp", "scp", "tar", "base64"}, Any: []string{"*id_rsa*", "*id_ed25519*", "*id_dsa*", "*id_ecdsa*", "*/.ssh/", "*.pem", "*.aws/credentials*"}},
	}
}

// BuiltinRules are the rules that come with the package.
func BuiltinRules() []Rule { return append(windowsRules(), unixRules()...) }

// MSTICPyRules are the five rules for syslog that MSTICPy has. Its expressions
// look at the first line of a command alone.
func MSTICPyRules() []Rule {
	return []Rule{
		{ID: "msticpy-authorized-keys", Title: "authorized_keys is named", Severity: "medium", Attack: []string{"T1098.004"}, Regex: `\A.*authorized_keys`},
		{ID: "msticpy-download-shell", Title: "wget or curl is named, and sh after it", Severity: "medium", Attack: []string{"T1105"}, Regex: `\A.*(?:wget|curl).*sh`},
		{ID: "msticpy-fork-bomb", Title: "a fork bomb", Severity: "medium", Attack: []string{"T1499.001"}, Regex: `\A.*:\(\)\{:\|:&\};:`},
		{ID: "msticpy-move-to-null", Title: "mv is named, and /dev/null after it", Severity: "medium", Attack: []string{"T1485"}, Regex: `\A.*mv.*/dev/null`},
		{ID: "msticpy-bash", Title: "/bin/bash is named", Severity: "low", Attack: []string{"T1059.004"}, Regex: `\A.*/bin/bash`},
	}
}
