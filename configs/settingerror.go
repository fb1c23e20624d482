package configs

// A SettingError is one thing that is wrong with the settings of a struct, though
// each of them can be read.
type SettingError struct {
	Key string // the setting, such as api.url, or the mapping that lacks one
	Err error
}

// Error writes the key and what is wrong with it.
func (e *SettingError) Error() string { return e.Key + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *SettingError) Unwrap() error { return e.Err }
