package ioc

import "strings"

// maxScheme is the longest name in schemes.
const maxScheme = len("stratum+tcp")

// schemes are the URL schemes that lead to a host. Compound ones stand here in
// full; any other word joined to a scheme by + is no part of the URL.
var schemes = setOf(`
	http https ftp ftps sftp tftp ws wss file smb nfs rsync
	ldap ldaps telnet ssh rdp vnc rtsp rtmp rtmps mms sip sips
	tcp udp tls ssl quic socks socks4 socks5 stratum stratum+tcp stratum+ssl
	git git+ssh git+http git+https svn svn+ssh
	amqp amqps mqtt mqtts redis rediss mongodb mysql postgres postgresql
	irc ircs gopher`)

// defangedSchemes are schemes that were made harmless, and what they were.
var defangedSchemes = map[string]string{
	"hxxp": "http", "hxxps": "https", "hxtp": "http", "hxtps": "https", "htxp": "http", "htxps": "https",
	"fxp": "ftp", "fxps": "ftps", "sfxp": "sftp",
}

// escapedSchemes are those looked for behind an escape that runs into them, as
// in \nhttp:// and %3Dhttps://; longer ones first.
var escapedSchemes = [...]string{"https", "http", "hxxps", "hxxp", "ftp"}

// entities are the XML entities that stand for quotes and angle brackets.
var entities = [...]string{
	"&quot;", "&apos;", "&lt;", "&gt;",
	"&#34;", "&#39;", "&#60;", "&#62;", "&#x22;", "&#x27;", "&#x3c;", "&#x3e;",
}

// use tells what a last label means besides being a top-level domain.
type use uint8

const (
	isSuffix   use = 1 << iota // ends names
	file                       // an extension: names that end so are files
	fileInPath                 // an extension where a path goes before the name, see isFile
	program                    // com: in a Windows folder, or on the list, two labels are a program
	member                     // a word that code has behind a dot, see isMember
	namespace                  // what the namespaces of frameworks end in
	flat                       // ICANN manages no public suffix below: spares asking
)

// uses holds the top-level domains that are something else in logs. Those in
// nobody's way as names (cc, ai, app, in, io and so on) are left out: rather a
// file too many than a command-and-control server too few.
var uses = join(map[use]string{
	file: `bar cab cat dot inc man map md mov new pf prof properties ps pub py rs sh srl stc tab
		zip`,
	fileInPath: "as la mk ml mm mo pl pm so st tf vi",
	program:    "com",
	member: `as at be build call case click codes data date day design directory do email events exchange
		express fail final forum graphics group help host hosting id in int is it java link management map
		me media mobile my name network next no now observer office open page pid ping place play plus
		post prod read report rest run safe save search security seek select services shell show so
		software storage store stream style support systems target team to tools top total trust
		video watch windows work zone`,
	namespace: "io net",
	flat:      "biz com de edu eu gov info mil net nl org ru top xyz",
})

// extensions are those behind which a blank ends the name of a file: what follows
// are arguments.
var extensions = setOf(`
	exe com bat cmd ps1 psm1 psd1 vbs vbe js jse wsf wsh hta msi msp msc dll ocx cpl sys scr pif lnk reg
	inf jar py pl rb sh sct xsl xml json txt log tmp dat bin ini cfg conf yml yaml csv dmp zip rar 7z cab gz
	iso img vhd doc docx docm xls xlsx xlsm ppt pptx pdf rtf html htm mht eml url chm mof nse etl evtx evt
	db bak hiv save mui nls drv ax tlb config pem key cer pfx kirbi ccache`)

// secondWords are words that stand behind a blank in the names of Windows'
// folders and keys. In the midst of a text other words in small letters are
// taken to be the text's.
var secondWords = setOf(`
	and data defender desktop documents environment execution explorer file files firewall folders
	foundation framework kits live local logon mail media menu nt options player policies portable
	protection security server settings shell store studio system update user users visual`)

// programs are the commands of Windows that end in .com.
var programs = setOf("chcp diskcomp diskcopy format mode more tree")

// objects are first labels that go before members: variables, fields of event
// schemas, namespaces.
var objects = setOf(`
	agent app args array client com config console container context ctx data date destination device
	dll dns document e el elem element error ev event file fs host http input io item json log math message
	module network node obj object observer org os output package parent path process registry req
	request res response result rule self server service session source string sys target this threat
	time tls url user util utils value window wscript`)

// namespaces are first labels of the namespaces of frameworks.
var namespaces = setOf("ado android asp java javax kotlin microsoft mono sun system vb windows")

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

func join(lists map[use]string) map[string]use {
	all := make(map[string]use)
	for u, words := range lists {
		for w := range strings.FieldsSeq(words) {
			all[w] |= u
		}
	}
	return all
}
