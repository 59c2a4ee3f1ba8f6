//! `@language-package-managers`: what fetches the libraries of one language.

use crate::catalogue::tool::Ecosystem::{Node, Python};
use crate::catalogue::tool::Tool;

pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    // JavaScript. Bun and Deno run programs, too, but unlike Node they install packages by themselves.
    Tool::new("npm", "npm", "Node's package manager").packages(&[(Node, "npm")]),
    Tool::new("npx", "npm", "runs packages of npm"),
    Tool::new("corepack", "npm", "Node's manager of package managers").packages(&[(Node, "corepack")]),
    Tool::new("yarn", "yarn", "package manager for Node").aliases(&["yarnpkg"]).packages(&[(Node, "yarn")]),
    Tool::new("pnpm", "pnpm", "package manager for Node").packages(&[(Node, "pnpm"), (Node, "@pnpm/exe")]),
    Tool::new("pnpx", "pnpm", "runs packages of pnpm"),
    Tool::new("bun", "bun", "JavaScript runtime with a package manager").packages(&[
        (Node, "bun"),
        (Node, "@oven/bun-linux-x64"),
        (Node, "@oven/bun-linux-aarch64"),
    ]),
    Tool::new("bunx", "bun", "runs packages of Bun"),
    Tool::new("deno", "deno", "JavaScript runtime with a package manager").packages(&[(Node, "deno")]),
    Tool::new("bower", "bower", "package manager for web pages").packages(&[(Node, "bower")]),
    Tool::new("fnm", "fnm", "manager of Node versions"),
    Tool::new("volta", "volta", "manager of Node versions"),
    Tool::new("nodenv", "nodenv", "manager of Node versions"),
    // Python.
    Tool::new("pip", "pip", "Python's package manager")
        .archives(&["pip.pyz", "get-pip.py"])
        .packages(&[(Python, "pip")]),
    Tool::new("pip-compile", "pip-tools", "Python's locked dependencies")
        .aliases(&["pip-sync"])
        .packages(&[(Python, "piptools")]),
    Tool::new("easy_install", "easy_install", "old package manager for Python"),
    Tool::new("pipx", "pipx", "installs Python programs").packages(&[(Python, "pipx")]),
    Tool::new("pipenv", "pipenv", "Python environments").aliases(&["pipenv-resolver"]).packages(&[(Python, "pipenv")]),
    Tool::new("virtualenv", "virtualenv", "Python environments").packages(&[(Python, "virtualenv")]),
    // poetry-core, a library, has the directory `poetry`, too.
    Tool::new("poetry", "poetry", "Python projects").packages(&[(Python, "poetry/console")]),
    Tool::new("pdm", "pdm", "Python projects").packages(&[(Python, "pdm/cli")]),
    Tool::new("hatch", "hatch", "Python projects").packages(&[(Python, "hatch")]),
    Tool::new("flit", "flit", "Python projects").packages(&[(Python, "flit")]),
    Tool::new("twine", "twine", "publishes Python packages").packages(&[(Python, "twine")]),
    Tool::new("rye", "rye", "Python projects"),
    Tool::new("uv", "uv", "package manager for Python").packages(&[(Python, "uv")]),
    Tool::new("uvx", "uv", "runs Python programs"),
    Tool::new("pyenv", "pyenv", "manager of Python versions"),
    Tool::new("conda", "conda", "Conda").aliases(&["conda-env", "conda.exe"]).packages(&[(Python, "conda")]),
    Tool::new("mamba", "mamba", "Conda, faster").packages(&[(Python, "mamba")]),
    Tool::new("micromamba", "micromamba", "Conda in one file"),
    Tool::new("pixi", "pixi", "Conda projects"),
    // Ruby.
    Tool::new("gem", "gem", "Ruby's package manager"),
    Tool::new("bundle", "bundle", "Bundler").aliases(&["bundler"]),
    Tool::new("rbenv", "rbenv", "manager of Ruby versions").aliases(&["ruby-build", "ruby-install"]),
    Tool::new("rvm", "rvm", "manager of Ruby versions"),
    // Rust, Go.
    Tool::new("cargo", "rust", "Rust's package manager").aliases(&[
        "cargo-clippy",
        "cargo-fmt",
        "cargo-miri",
        "cargo-binstall",
    ]),
    Tool::new("rustup", "rust", "manager of Rust toolchains").aliases(&["rustup-init"]),
    // PHP, Perl, Lua.
    Tool::new("composer", "composer", "PHP's package manager").archives(&["composer.phar"]),
    Tool::new("pecl", "pear", "extensions for PHP"),
    Tool::new("pie", "pie", "extensions for PHP").archives(&["pie.phar"]),
    Tool::new("pear", "pear", "old package manager for PHP").aliases(&["peardev"]),
    Tool::new("phive", "phive", "installs PHP programs").archives(&["phive.phar"]),
    Tool::new("cpan", "cpan", "Perl's package manager"),
    Tool::new("cpanm", "cpanm", "package manager for Perl").aliases(&["cpanminus"]),
    Tool::new("carton", "carton", "Perl projects"),
    Tool::new("perlbrew", "perlbrew", "manager of Perl versions").aliases(&["plenv"]),
    Tool::new("luarocks", "luarocks", "Lua's package manager").aliases(&["luarocks-admin"]),
    // Elixir, Haskell, OCaml, Lisp and Scheme.
    Tool::new("mix", "mix", "Elixir's package manager"),
    Tool::new("cabal", "cabal", "Haskell's package manager"),
    Tool::new("stack", "stack", "Haskell projects"),
    Tool::new("ghcup", "ghcup", "manager of Haskell toolchains"),
    Tool::new("opam", "opam", "OCaml's package manager"),
    Tool::new("esy", "esy", "package manager for OCaml").packages(&[(Node, "esy")]),
    Tool::new("raco", "raco", "Racket's package manager"),
    Tool::new("chicken-install", "chicken", "Chicken Scheme's package manager"),
    Tool::new("gauche-package", "gauche-package", "Gauche's package manager"),
    Tool::new("spago", "spago", "PureScript projects").packages(&[(Node, "spago")]),
    // .NET and Java.
    Tool::new("nuget", "nuget", "package manager for .NET").aliases(&["nuget.exe"]),
    Tool::new("paket", "paket", "package manager for .NET"),
    Tool::new("coursier", "coursier", "package manager for Scala"),
    Tool::new("clojure", "clojure", "Clojure projects").aliases(&["clj"]),
    Tool::new("jbang", "jbang", "runs Java sources"),
    // Others.
    Tool::new("nimble", "nimble", "Nim's package manager"),
    Tool::new("choosenim", "choosenim", "manager of Nim versions"),
    Tool::new("dub", "dub", "D's package manager"),
    Tool::new("shards", "shards", "Crystal's package manager"),
    Tool::new("swift-package", "swiftc", "Swift's package manager").aliases(&["swiftly"]),
    Tool::new("haxelib", "haxelib", "Haxe's package manager"),
    Tool::new("juliaup", "juliaup", "manager of Julia versions"),
    Tool::new("install2.r", "littler", "installs R packages").aliases(&["install.r", "installGithub.r"]),
    Tool::new("conan", "conan", "package manager for C++").packages(&[(Python, "conan")]),
    Tool::new("vcpkg", "vcpkg", "package manager for C++"),
    Tool::new("spack", "spack", "package manager for clusters"),
    Tool::new("asdf", "asdf", "manager of versions"),
    Tool::new("mise", "mise", "manager of versions"),
];
