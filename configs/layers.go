package configs

import (
	"maps"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/v2"
)

// A Layer holds settings that override those of a file, and of the layers before it.
// The place of its nodes is the name of a variable or flag, without a line.
type Layer struct {
	// provider reads leaves by their paths.
	provider func(file *Node) koanf.Provider
}

// Environment returns the layer of the variables with a prefix, among those that
// [os.Environ] lists. The rest of a name is the path of a setting, with two
// underscores between levels: HUNTD_CFG_LOG__LEVEL sets level in log. A level
// matches the key of the file that differs by case, or by - in place of _, alone. One
// that matches none is a key in lower case.
func Environment(prefix string, environ []string) Layer {
	return Layer{func(file *Node) koanf.Provider {
		return env.Provider("", env.Opt{
			Prefix:      prefix,
			EnvironFunc: func() []string { return environ },
			TransformFunc: func(name, text string) (string, any) {
				levels := strings.Split(strings.TrimPrefix(name, prefix), "__")
				return strings.Join(file.match(levels), keyDelim), leaf{textNode(name, text)}
			},
		})
	}}
}

// Flag returns the layer of a flag, such as --state, that sets the setting at a path.
func Flag(name, text string, path ...string) Layer {
	return Layer{func(*Node) koanf.Provider {
		return confmap.Provider(map[string]any{strings.Join(path, keyDelim): leaf{textNode(name, text)}}, "")
	}}
}

// keyDelim joins keys in koanf's flat view. No key of a file holds it.
const keyDelim = "\x1f"

// A leaf is a node that is no mapping, for koanf. The tag keeps koanf from copying
// the node, which would lose its unexported fields.
type leaf struct {
	Node *Node `copy:"shallow"`
}

// layered returns the settings of a file, as the layers override them. It returns a
// file that is no mapping as it is.
func layered(file *Node, above []Layer) (*Node, error) {
	if len(above) == 0 || file.kind != Mapping && file.kind != Null {
		return file, nil
	}
	k := koanf.New(keyDelim)
	if err := k.Load(confmap.Provider(file.tree(), ""), nil); err != nil {
		return nil, err
	}
	for _, layer := range above {
		leaves, err := layer.provider(file).Read()
		if err != nil {
			return nil, err
		}
		paths := slices.Sorted(maps.Keys(leaves))
		for i, path := range paths {
			if i > 0 && strings.HasPrefix(path, paths[i-1]+keyDelim) {
				whole, part := leaves[paths[i-1]].(leaf).Node, leaves[path].(leaf).Node
				return nil, Errorf(whole, "sets all of %q, and %s a part of it: unset one of them",
					strings.ReplaceAll(paths[i-1], keyDelim, "."), part.file)
			}
			if err := k.Set(path, leaves[path]); err != nil {
				return nil, err
			}
		}
	}
	return file.rebuild(k.Raw()), nil
}

// tree returns a mapping in koanf's form.
func (n *Node) tree() map[string]any {
	tree := make(map[string]any, len(n.keys))
	for i, key := range n.keys {
		if item := n.items[i]; item.kind == Mapping {
			tree[key.text] = item.tree()
		} else {
			tree[key.text] = leaf{item}
		}
	}
	return tree
}

// rebuild returns the mapping that koanf's form describes, with sorted keys. Keys and
// mappings of n keep their place; others get the place of what they hold.
func (n *Node) rebuild(tree map[string]any) *Node {
	built := &Node{kind: Mapping}
	if n != nil {
		built.file, built.isFile, built.line, built.col = n.file, n.isFile, n.line, n.col
	}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		key, item := n.Key(name), n.Child(name)
		switch value := tree[name].(type) {
		case leaf:
			item = value.Node
		case map[string]any:
			item = item.rebuild(value)
		}
		if key == nil {
			key = &Node{kind: Scalar, text: name, file: item.file}
		}
		if built.file == "" {
			built.file = item.file
		}
		built.keys, built.items = append(built.keys, key), append(built.items, item)
	}
	return built
}

// match returns the keys that match the levels of a variable's name.
func (n *Node) match(levels []string) []string {
	keys := make([]string, len(levels))
	for i, level := range levels {
		known, lower := n.Keys(), strings.ToLower(level)
		same := func(key string) bool { return slices.Equal(fold(key), fold(level)) }
		switch at := slices.IndexFunc(known, same); {
		case slices.Contains(known, level):
			keys[i] = level
		case at >= 0 && !slices.Contains(known, lower):
			keys[i] = known[at]
		default:
			keys[i] = lower
		}
		n = n.Child(keys[i])
	}
	return keys
}

// textNode returns a text as a node: a list where it is one in brackets.
func textNode(place, text string) *Node {
	if strings.HasPrefix(text, "[") {
		if list, err := ParseBytes(place, []byte(text)); err == nil && list.kind == Sequence {
			for _, n := range append(list.items, list) {
				n.line = 0
			}
			return list
		}
	}
	return &Node{kind: Scalar, text: text, plain: true, file: place}
}
