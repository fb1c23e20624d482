// Command huntd runs unattended, recurring threat hunts on Splunk.
//
// Each command is a file named after it, which holds its flags, its help and
// the function that does it. Standard output carries data, standard error
// everything else; exit.go says which error ends in which exit code.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
