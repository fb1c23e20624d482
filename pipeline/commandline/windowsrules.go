package commandline

// windowsRules are what intruders do on Windows with what is there already.
// They name behaviour, not tools, and are meant to be read by hunters: each is
// one row. What is an administrator's daily work as well is low.
func windowsRules() []Rule {
	odd := []string{"*\\appdata\\*", "*\\temp\\*", "*\\users\\public\\*", "*\\programdata\\*", "*\\perflogs\\*", "*powershell*", "*mshta*", "*cmd*/c*", "*rundll32*", "*regsvr32*", "*wscript*", "*http*"}
	return []Rule{
		// Fetching and running.
		{ID: "certutil-download", Title: "certutil fetches a file", Severity: "high", Attack: []string{"T1105"}, Program: []string{"certutil"}, Any: []string{"-urlcache", "-verifyctl", "-url", "*http://*", "*https://*", "*ftp://*"}},
		{ID: "certutil-decode", Title: "certutil decodes a file", Severity: "medium", Attack: []string{"T1140"}, Program: []string{"certutil"}, Any: []string{"-decode", "-decodehex"}},
		{ID: "certutil-encode", Title: "certutil encodes a file", Severity: "low", Attack: []string{"T1027"}, Program: []string{"certutil"}, Any: []string{"-encode", "-encodehex"}},
		{ID: "certutil-export", Title: "certutil exports a certificate with its key", Severity: "medium", Attack: []string{"T1552.004"}, Program: []string{"certutil"}, Any: []string{"-exportpfx"}},
		{ID: "bitsadmin-transfer", Title: "bitsadmin fetches a file", Severity: "high", Attack: []string{"T1197", "T1105"}, Program: []string{"bitsadmin"}, Any: []string{"-transfer", "-addfile"}},
		{ID: "bitsadmin-notify", Title: "bitsadmin starts a program when a transfer ends", Severity: "high", Attack: []string{"T1197"}, Program: []string{"bitsadmin"}, Any: []string{"-setnotifycmdline"}},
		{ID: "regsvr32-remote", Title: "regsvr32 runs a scriptlet", Severity: "high", Attack: []string{"T1218.010"}, Program: []string{"regsvr32"}, Any: []string{"-i:http*", "-i:ftp*", "-i:\\\\*", "*scrobj*", "*http://*", "*https://*"}},
		{ID: "mshta-script", Title: "mshta runs a script from its command line or from the web", Severity: "high", Attack: []string{"T1218.005"}, Program: []string{"mshta"}, Any: []string{"*http://*", "*https://*", "*vbscript:*", "*javascript:*", "*about:*", "\\\\*"}},
		{ID: "rundll32-script", Title: "rundll32 runs a script", Severity: "high", Attack: []string{"T1218.011"}, Program: []string{"rundll32"}, Any: []string{"*javascript:*", "*vbscript:*", "*mshtml*", "*http://*", "*https://*"}},
		{ID: "rundll32-odd-place", Title: "rundll32 loads a library from where anybody may write", Severity: "medium", Attack: []string{"T1218.011"}, Program: []string{"rundll32"}, Any: []string{"*\\appdata\\*,*", "*\\temp\\*,*", "*\\users\\public\\*,*", "*\\programdata\\*,*", "\\\\*,*"}},
		{ID: "rundll32-proxy", Title: "rundll32 starts a program by a library of Windows", Severity: "high", Attack: []string{"T1218.011"}, Program: []string{"rundll32"}, Any: []string{"*url.dll*openurl*", "*url.dll*fileprotocolhandler*", "*advpack*launchinfsection*", "*ieadvpack*", "*setupapi*installhinfsection*", "*shell32*shellexec_rundll*", "*zipfldr*routethecall*", "*pcwutl*launchapplication*", "*shdocvw*openurl*"}},
		{ID: "minidump", Title: "memory of a process is dumped by comsvcs.dll", Severity: "critical", Attack: []string{"T1003.001"}, Program: []string{"rundll32"}, All: []string{"*comsvcs*"}, Any: []string{"*minidump*", "*#24*", "*#-24*", "*#+24*"}},
		{ID: "curl-execute", Title: "a file is fetched by curl into a place where anybody may write", Severity: "medium", Attack: []string{"T1105"}, Program: []string{"curl"}, Any: []string{"*\\appdata\\*", "*\\temp\\*", "*\\users\\public\\*", "*\\programdata\\*", "%temp%*", "%appdata%*"}},
		{ID: "desktopimgdownldr", Title: "a file is fetched by a program that is meant for something else", Severity: "high", Attack: []string{"T1105"}, Program: []string{"desktopimgdownldr", "esentutl", "expand", "extrac32", "findstr", "hh", "ieexec", "makecab", "print", "replace", "finger", "presentationhost", "msxsl", "squirrel", "update"}, Any: []string{"*http://*", "*https://*", "*\\\\*@ssl*", "*davwwwroot*"}},
		{ID: "msiexec-remote", Title: "msiexec installs from the web", Severity: "high", Attack: []string{"T1218.007"}, Program: []string{"msiexec"}, Any: []string{"*http://*", "*https://*"}},
		{ID: "msbuild-odd-place", Title: "a developer's tool runs code", Severity: "medium", Attack: []string{"T1127.001", "T1218"}, Program: []string{"msbuild", "installutil", "regasm", "regsvcs", "csc", "jsc"}, Any: []string{"*\\appdata\\*", "*\\temp\\*", "*\\users\\public\\*", "*\\programdata\\*", "-logfile=*", "-u"}},
		{ID: "cmstp", Title: "cmstp installs a profile without asking", Severity: "high", Attack: []string{"T1218.003"}, Program: []string{"cmstp"}, Any: []string{"-s", "-au", "-ni"}},
		{ID: "odbcconf-regsvr", Title: "odbcconf registers a library", Severity: "high", Attack: []string{"T1218.008"}, Program: []string{"odbcconf"}, Any: []string{"*regsvr*", "-f"}},
		{ID: "script-odd-place", Title: "a script host runs what lies where anybody may write", Severity: "medium", Attack: []string{"T1059.005", "T1059.007"}, Program: []string{"wscript", "cscript"}, Any: []string{"*\\appdata\\*", "*\\temp\\*", "*\\users\\public\\*", "*\\programdata\\*", "*\\downloads\\*", "-e:vbscript", "-e:jscript", "*script:http*"}},
		{ID: "wmic-create", Title: "wmic starts a process", Severity: "high", Attack: []string{"T1047"}, Program: []string{"wmic"}, All: []string{"process", "call", "create"}},
		{ID: "wmic-stylesheet", Title: "wmic runs a stylesheet", Severity: "high", Attack: []string{"T1220"}, Program: []string{"wmic"}, Any: []string{"-format:*http*", "-format:*.xsl*", "-format:\\\\*"}},
		{ID: "forfiles-proxy", Title: "a program of Windows starts another one in its stead", Severity: "medium", Attack: []string{"T1202"}, Program: []string{"forfiles", "pcalua", "scriptrunner", "conhost", "explorer"}, Any: []string{"-c *cmd*", "-c *powershell*", "-a *", "-appvscript", "--headless", "-root,*"}},

		// PowerShell.
		{ID: "powershell-encoded", Title: "PowerShell with an encoded command", Severity: "medium", Attack: []string{"T1059.001", "T1027"}, Program: []string{"powershell", "pwsh", "powershell_ise"}, Any: []string{"-e~ncodedcommand *", "-ec *"}},
		{ID: "powershell-hidden", Title: "PowerShell without a window", Severity: "medium", Attack: []string{"T1059.001", "T1564.003"}, Program: []string{"powershell", "pwsh"}, Any: []string{"-w~indowstyle h*", "-w~indowstyle 1", "-windows h*"}},
		{ID: "powershell-bypass", Title: "PowerShell with its policy or profile put aside", Severity: "low", Attack: []string{"T1059.001"}, Program: []string{"powershell", "pwsh"}, Any: []string{"-nop~rofile", "-ex~ecutionpolicy b*", "-ex~ecutionpolicy u*", "-ep b*", "-ep u*"}},
		{ID: "powershell-downgrade", Title: "PowerShell 2, which logs nothing", Severity: "high", Attack: []string{"T1562.010", "T1059.001"}, Program: []string{"powershell"}, Any: []string{"-v~ersion 2", "-v~ersion 2.0"}},
		{ID: "powershell-expression", Title: "PowerShell runs a text as a command", Severity: "medium", Attack: []string{"T1059.001"}, Any: []string{"iex", "*invoke-expression*", "*|iex", "*invokescript*", "*scriptblock]::create*"}},
		{ID: "powershell-download", Title: "PowerShell fetches something", Severity: "high", Attack: []string{"T1059.001", "T1105"}, Any: []string{"*downloadstring*", "*downloadfile*", "*downloaddata*", "*net.webclient*", "*openread*http*", "invoke-webrequest", "invoke-restmethod", "iwr", "*start-bitstransfer*", "*msxml2.xmlhttp*", "*winhttp.winhttprequest*", "*net.webrequest*", "*net.http.httpclient*"}},
		{ID: "powershell-decode", Title: "PowerShell decodes base64", Severity: "medium", Attack: []string{"T1140", "T1027"}, Any: []string{"*frombase64string*"}},
		{ID: "powershell-reflection", Title: "PowerShell loads a program from memory", Severity: "high", Attack: []string{"T1620"}, Any: []string{"*reflection.assembly*load*", "*assembly]::load", "*.assembly]::load*", "*virtualalloc*", "*getdelegateforfunctionpointer*", "*createthread*", "*definedynamicassembly*"}},
		{ID: "amsi-bypass", Title: "the scan of scripts is switched off", Severity: "high", Attack: []string{"T1562.001"}, Any: []string{"*amsiinitfailed*", "*amsiutils*", "*amsiscanbuffer*", "*amsicontext*"}},
		{ID: "script-log-bypass", Title: "the log of scripts is switched off", Severity: "high", Attack: []string{"T1562.002"}, Any: []string{"*scriptblocklogging*", "*cachedgrouppolicysettings*", "*etwprovider*", "*psetwlogprovider*"}},
		{ID: "powershell-credentials", Title: "PowerShell takes passwords or tickets", Severity: "critical", Attack: []string{"T1003"}, Any: []string{"*invoke-mimikatz*", "*sekurlsa::*", "*lsadump::*", "*kerberos::*", "*invoke-kerberoast*", "*privilege::debug*", "*dumpcreds*", "*crypto::certificates*"}},
		{ID: "defender-off", Title: "Defender is switched off or made blind", Severity: "high", Attack: []string{"T1562.001"}, Any: []string{"*disablerealtimemonitoring*", "*disableioavprotection*", "*disablebehaviormonitoring*", "*disablescriptscanning*", "add-mppreference -exclusion*", "set-mppreference -exclusion*", "*-removedefinitions*", "*disableantispyware*"}},

		// Making it last.
		{ID: "schtasks-odd", Title: "a scheduled task runs a script host or from where anybody may write", Severity: "high", Attack: []string{"T1053.005"}, Program: []string{"schtasks"}, All: []string{"-create"}, Any: odd},
		{ID: "schtasks-create", Title: "a scheduled task is made", Severity: "low", Attack: []string{"T1053.005"}, Program: []string{"schtasks"}, Any: []string{"-create", "-change"}},
		{ID: "at-job", Title: "a job for a certain time", Severity: "medium", Attack: []string{"T1053.002"}, Program: []string{"at"}, Any: []string{"*cmd*", "*powershell*", "*.exe", "*.bat", "-interactive"}},
		{ID: "run-key", Title: "a program is started at every login", Severity: "high", Attack: []string{"T1547.001"}, Program: []string{"reg"}, All: []string{"add"}, Any: []string{"*\\currentversion\\run", "*\\currentversion\\run\\*", "*\\currentversion\\runonce*", "*\\currentversion\\policies\\explorer\\run*", "*\\some\\key\\run", "*\\winlogon", "*user*shell*folders*"}},
		{ID: "image-hijack", Title: "a program is started in another one's place", Severity: "high", Attack: []string{"T1546.012", "T1546.008"}, Program: []string{"reg"}, All: []string{"add"}, Any: []string{"*image*file*execution*options*", "*silentprocessexit*", "*\\mscfile\\shell\\open*", "*\\ms-settings\\shell\\open*", "*appinit_dlls*"}},
		{ID: "sticky-keys", Title: "a program of the login screen is replaced", Severity: "critical", Attack: []string{"T1546.008"}, Program: []string{"copy", "xcopy", "move", "takeown", "icacls", "ren"}, Any: []string{"*sethc.exe*", "*utilman.exe*", "*osk.exe*", "*displayswitch.exe*", "*magnify.exe*"}},
		{ID: "service-odd", Title: "a service runs a shell", Severity: "high", Attack: []string{"T1543.003", "T1569.002"}, Program: []string{"sc"}, Any: []string{"*%comspec%*", "*cmd*/c*", "*powershell*", "binpath= *\\temp\\*", "binpath=*\\temp\\*", "*\\users\\public\\*", "binpath cmd*", "binpath= cmd*", "*\\\\127.0.0.1\\*"}},
		{ID: "service-change", Title: "a service is made or changed", Severity: "low", Attack: []string{"T1543.003"}, Program: []string{"sc"}, Any: []string{"create", "config", "sdset", "failure"}},
		{ID: "account-add", Title: "an account is made", Severity: "medium", Attack: []string{"T1136.001"}, Program: []string{"net", "net1"}, All: []string{"user", "-ad~d"}},
		{ID: "group-add", Title: "an account is put into a group", Severity: "high", Attack: []string{"T1098"}, Program: []string{"net", "net1"}, All: []string{"-ad~d"}, Any: []string{"localgroup", "group"}},
		{ID: "wmi-persistence", Title: "an event of WMI starts a program", Severity: "high", Attack: []string{"T1546.003"}, Any: []string{"*commandlineeventconsumer*", "*activescripteventconsumer*", "*__eventfilter*", "*__filtertoconsumerbinding*"}},

		// Credentials.
		{ID: "hive-dump", Title: "the registry's secrets are saved to a file", Severity: "critical", Attack: []string{"T1003.002", "T1003.004"}, Program: []string{"reg"}, Any: []string{"save *\\sam", "save *\\system", "save *\\security", "save *\\sam\\*", "export *\\sam", "export *\\security", "export *\\system"}},
		{ID: "hive-copy", Title: "a copy of the directory or of the registry's secrets is taken", Severity: "critical", Attack: []string{"T1003.003", "T1003.002"}, Any: []string{"*ntds.dit*", "*harddiskvolumeshadowcopy*", "*\\config\\sam", "*\\repair\\sam"}},
		{ID: "ntdsutil-dump", Title: "the directory is dumped", Severity: "critical", Attack: []string{"T1003.003"}, Program: []string{"ntdsutil", "dsdbutil"}, Any: []string{"*ifm*", "*snapshot*"}},
		{ID: "process-dump", Title: "memory of the logon process is dumped", Severity: "critical", Attack: []string{"T1003.001"}, Program: []string{"procdump", "procdump64", "sqldumper", "createdump", "rdrleakdiag", "tttracer", "dumpminitool"}, Any: []string{"*lsass*", "-fullmemdmp", "-ma"}},
		{ID: "wdigest", Title: "passwords are kept in the clear from now on", Severity: "high", Attack: []string{"T1112", "T1003.001"}, Any: []string{"*uselogoncredential*"}},
		{ID: "password-search", Title: "passwords are searched for", Severity: "medium", Attack: []string{"T1552.001", "T1552.002", "T1552.006"}, Program: []string{"findstr", "reg", "dir"}, Any: []string{"*cpassword*", "*password*", "*unattend.xml*"}, None: []string{"add"}},
		{ID: "vault-list", Title: "stored credentials are listed", Severity: "medium", Attack: []string{"T1555.004"}, Program: []string{"cmdkey", "vaultcmd"}, Any: []string{"-list*", "-listcreds*"}},

		// Covering up, and doing harm.
		{ID: "shadow-delete", Title: "copies that files could be restored from are deleted", Severity: "critical", Attack: []string{"T1490"}, Program: []string{"vssadmin", "wmic", "diskshadow"}, Any: []string{"delete shadows", "shadowcopy delete", "resize shadowstorage", "shadowcopy *delete*"}},
		{ID: "recovery-off", Title: "the recovery of Windows is switched off", Severity: "critical", Attack: []string{"T1490"}, Program: []string{"bcdedit", "wbadmin", "reagentc"}, Any: []string{"recoveryenabled no", "*ignoreallfailures", "delete catalog", "delete systemstatebackup", "delete backup", "-disable"}},
		{ID: "shadow-delete-script", Title: "copies that files could be restored from are deleted by a script", Severity: "critical", Attack: []string{"T1490"}, All: []string{"*win32_shadowcopy*"}, Any: []string{"*delete*", "*remove-*"}},
		{ID: "log-clear", Title: "an event log is cleared", Severity: "high", Attack: []string{"T1070.001"}, Program: []string{"wevtutil"}, Any: []string{"cl", "clear-log", "sl *-e:false*"}},
		{ID: "log-clear-script", Title: "event logs are cleared by a script", Severity: "high", Attack: []string{"T1070.001"}, Any: []string{"clear-eventlog", "*globalsession.clearlog*", "remove-eventlog"}},
		{ID: "log-off", Title: "logging is switched off", Severity: "high", Attack: []string{"T1562.002"}, Program: []string{"auditpol", "reg", "appcmd"}, Any: []string{"-clear", "-success:disable*", "-remove", "*autologger\\eventlog*", "*dontlog:true*", "*\\eventlog\\* *"}, None: []string{"query"}},
		{ID: "journal-delete", Title: "the file system's journal is deleted", Severity: "high", Attack: []string{"T1070"}, Program: []string{"fsutil"}, All: []string{"usn", "deletejournal"}},
		{ID: "firewall-off", Title: "the firewall is opened or switched off", Severity: "medium", Attack: []string{"T1562.004"}, Program: []string{"netsh"}, Any: []string{"state off", "opmode disable", "opmode *mode=disable", "firewall add *", "add rule *", "add allowedprogram *", "add portopening *"}},
		{ID: "port-proxy", Title: "a port is forwarded", Severity: "high", Attack: []string{"T1090.001"}, Program: []string{"netsh"}, All: []string{"portproxy", "add"}},
		{ID: "wifi-keys", Title: "keys of wireless networks are shown", Severity: "medium", Attack: []string{"T1552"}, Program: []string{"netsh"}, All: []string{"wlan"}, Any: []string{"key=clear"}},
		{ID: "rdp-on", Title: "remote desktop is allowed", Severity: "medium", Attack: []string{"T1021.001", "T1112"}, All: []string{"*fdenytsconnections*"}, None: []string{"query"}},
		{ID: "uac-off", Title: "the question before elevation is switched off", Severity: "high", Attack: []string{"T1548.002"}, All: []string{"*enablelua*"}, None: []string{"query"}},
		{ID: "restricted-admin", Title: "logins by hash are allowed", Severity: "high", Attack: []string{"T1112", "T1550.002"}, Any: []string{"*disablerestrictedadmin*", "*localaccounttokenfilterpolicy*", "*lmcompatibilitylevel*", "*ntlmminclientsec*"}, None: []string{"query"}},
		{ID: "remote-admin-share", Title: "output goes to an administrator's share, as remote execution does it", Severity: "high", Attack: []string{"T1021.002", "T1047"}, Any: []string{"\\\\127.0.0.1\\admin$*", "\\\\127.0.0.1\\c$*", "\\\\localhost\\admin$*", "\\\\localhost\\c$*"}},
		{ID: "remote-share", Title: "an administrator's share of another machine is used", Severity: "medium", Attack: []string{"T1021.002"}, Program: []string{"net", "net1", "copy", "xcopy", "robocopy"}, Any: []string{"\\\\*\\admin$*", "\\\\*\\c$*", "\\\\*\\ipc$*"}},
		{ID: "psexec", Title: "a command is run on another machine", Severity: "medium", Attack: []string{"T1569.002", "T1021.002"}, Program: []string{"psexec", "psexec64", "paexec", "winrs"}, Any: []string{"\\\\*", "-r:*", "-remote:*"}},
		{ID: "pipe-echo", Title: "a named pipe is written to by a shell, as for the rights of the system", Severity: "high", Attack: []string{"T1134.001"}, Program: []string{"echo"}, Any: []string{"\\\\.\\pipe\\*"}},

		// Looking around.
		{ID: "account-discovery", Title: "accounts and groups of the domain are listed", Severity: "low", Attack: []string{"T1087.002", "T1069.002"}, Program: []string{"net", "net1"}, All: []string{"-do~main"}, Any: []string{"user", "group", "accounts"}, None: []string{"-ad~d"}},
		{ID: "trust-discovery", Title: "trusts and controllers of the domain are listed", Severity: "medium", Attack: []string{"T1482", "T1018"}, Program: []string{"nltest"}, Any: []string{"-domain_trusts", "-dclist:*", "-trusted_domains", "-all_trusts"}},
		{ID: "adfind", Title: "the directory is searched with AdFind", Severity: "medium", Attack: []string{"T1087.002", "T1018", "T1482"}, Program: []string{"adfind"}, Any: []string{"*objectcategory*", "*trustdmp*", "*dclist*", "*lockout*", "*computers_pwdnotreqd*"}},
		{ID: "spn-change", Title: "a service name is given to an account", Severity: "medium", Attack: []string{"T1558.003", "T1098"}, Program: []string{"setspn"}, Any: []string{"-a", "-s"}},
		{ID: "privilege-discovery", Title: "the rights of the user are listed", Severity: "low", Attack: []string{"T1033", "T1069"}, Program: []string{"whoami"}, Any: []string{"-all", "-priv", "-groups"}},
		{ID: "netcat-shell", Title: "a shell is tied to a connection", Severity: "critical", Attack: []string{"T1059", "T1095"}, Program: []string{"nc", "ncat", "nc64", "netcat", "socat"}, Any: []string{"-e *", "-c *sh*", "-*e *sh*", "-*e *cmd*", "-*e *powershell*", "exec:*", "system:*", "--exec *", "--sh-exec *"}},
	}
}
