// Package statetest gives tests databases of their own on a PostgreSQL server,
// and ways to lose it.
package statetest
