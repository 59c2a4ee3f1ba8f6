//! `@node-dev`: packages that serve development only, under any `node_modules`, and the commands they bring.

use crate::catalogue::tool::Ecosystem::Node;
use crate::catalogue::tool::Tool;

pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    // Languages and bundlers.
    Tool::new("typescript", "typescript", "TypeScript compiler")
        .aliases(&["tsc", "tsserver"])
        .packages(&[(Node, "typescript")]),
    Tool::new("vue-tsc", "vue-tsc", "TypeScript checker for Vue").packages(&[(Node, "vue-tsc")]),
    Tool::new("svelte-check", "svelte-check", "TypeScript checker for Svelte").packages(&[(Node, "svelte-check")]),
    Tool::new("ts-node", "ts-node", "runs TypeScript")
        .aliases(&[
            "ts-node-cwd",
            "ts-node-dev",
            "ts-node-esm",
            "ts-node-script",
            "ts-node-transpile-only",
            "ts-script",
            "tsnd",
        ])
        .packages(&[(Node, "ts-node"), (Node, "ts-node-dev")]),
    Tool::new("tsx", "tsx", "runs TypeScript").packages(&[(Node, "tsx")]),
    Tool::new("tsup", "tsup", "bundler").packages(&[(Node, "tsup")]),
    Tool::new("babel", "babel", "JavaScript compiler").packages(&[(Node, "@babel/cli"), (Node, "@babel/core")]),
    Tool::new("swc", "swc", "JavaScript compiler").packages(&[(Node, "@swc/cli"), (Node, "@swc/core")]),
    Tool::new("webpack", "webpack", "bundler").aliases(&["webpack-cli", "webpack-dev-server"]).packages(&[
        (Node, "webpack"),
        (Node, "webpack-cli"),
        (Node, "webpack-dev-server"),
    ]),
    Tool::new("vite", "vite", "bundler").packages(&[(Node, "vite")]),
    Tool::new("rspack", "rspack", "bundler").packages(&[(Node, "@rspack/cli"), (Node, "@rspack/core")]),
    Tool::new("browserify", "browserify", "bundler").packages(&[(Node, "browserify")]),
    Tool::new("rolldown", "rolldown", "bundler").packages(&[(Node, "rolldown")]),
    Tool::new("rollup", "rollup", "bundler").packages(&[(Node, "rollup")]),
    Tool::new("parcel", "parcel", "bundler").packages(&[(Node, "parcel")]),
    Tool::new("esbuild", "esbuild", "bundler").packages(&[(Node, "esbuild")]),
    Tool::new("turbo", "turbo", "build system").packages(&[(Node, "turbo")]),
    Tool::new("nx", "nx", "build system").packages(&[(Node, "nx")]),
    Tool::new("lerna", "lerna", "many packages in one repository").packages(&[(Node, "lerna")]),
    Tool::new("gulp", "gulp", "task runner").packages(&[(Node, "gulp"), (Node, "gulp-cli")]),
    Tool::new("grunt", "grunt", "task runner").packages(&[(Node, "grunt"), (Node, "grunt-cli")]),
    Tool::new("ng", "ng", "Angular's command line").packages(&[(Node, "@angular/cli")]),
    Tool::new("vue-cli-service", "vue-cli-service", "Vue's command line").packages(&[(Node, "@vue/cli-service")]),
    Tool::new("nest", "nest", "Nest's command line").packages(&[(Node, "@nestjs/cli")]),
    Tool::new("react-scripts", "react-scripts", "Create React App").packages(&[(Node, "react-scripts")]),
    Tool::new("storybook", "storybook", "workshop for components").packages(&[(Node, "storybook")]),
    // Style.
    Tool::new("eslint", "eslint", "linter").packages(&[(Node, "eslint")]),
    Tool::new("prettier", "prettier", "formatter").packages(&[(Node, "prettier")]),
    Tool::new("oxlint", "oxlint", "linter").packages(&[(Node, "oxlint")]),
    Tool::new("tslint", "tslint", "linter").packages(&[(Node, "tslint")]),
    Tool::new("stylelint", "stylelint", "linter of style sheets").packages(&[(Node, "stylelint")]),
    Tool::new("biome", "biome", "linter and formatter").packages(&[(Node, "@biomejs/biome")]),
    Tool::new("commitlint", "commitlint", "linter of commits").packages(&[(Node, "@commitlint/cli")]),
    Tool::new("husky", "husky", "git hooks").packages(&[(Node, "husky")]),
    Tool::new("lint-staged", "lint-staged", "linters on staged files").packages(&[(Node, "lint-staged")]),
    // Tests.
    Tool::new("jest", "jest", "test runner").packages(&[(Node, "jest"), (Node, "ts-jest"), (Node, "babel-jest")]),
    Tool::new("vitest", "vitest", "test runner").packages(&[(Node, "vitest")]),
    Tool::new("ava", "ava", "test runner").packages(&[(Node, "ava")]),
    Tool::new("mocha", "mocha", "test runner").aliases(&["_mocha"]).packages(&[(Node, "mocha")]),
    Tool::new("jasmine", "jasmine", "test runner").packages(&[(Node, "jasmine")]),
    Tool::new("karma", "karma", "test runner").packages(&[(Node, "karma")]),
    Tool::new("cypress", "cypress", "browser tests").packages(&[(Node, "cypress")]),
    Tool::new("playwright", "playwright", "browser tests").packages(&[(Node, "@playwright/test")]),
    Tool::new("wdio", "wdio", "browser tests").packages(&[(Node, "@wdio/cli")]),
    Tool::new("chai", "chai", "assertions").packages(&[(Node, "chai")]),
    Tool::new("sinon", "sinon", "test doubles").packages(&[(Node, "sinon")]),
    Tool::new("supertest", "supertest", "HTTP assertions").packages(&[(Node, "supertest")]),
    Tool::new("nyc", "nyc", "test coverage").packages(&[(Node, "nyc")]),
    Tool::new("c8", "c8", "test coverage").packages(&[(Node, "c8")]),
    // Convenience.
    Tool::new("nodemon", "nodemon", "restarts on change").packages(&[(Node, "nodemon")]),
    Tool::new("concurrently", "concurrently", "runs commands side by side").packages(&[(Node, "concurrently")]),
    Tool::new("graphql-codegen", "graphql-codegen", "code out of GraphQL schemas")
        .packages(&[(Node, "@graphql-codegen/cli")]),
    Tool::new("changeset", "changeset", "versions of packages").packages(&[(Node, "@changesets/cli")]),
    Tool::new("release-it", "release-it", "publishes packages").packages(&[(Node, "release-it")]),
    Tool::new("semantic-release", "semantic-release", "publishes packages").packages(&[(Node, "semantic-release")]),
    Tool::new("typedoc", "typedoc", "documentation of TypeScript").packages(&[(Node, "typedoc")]),
    Tool::new("jsdoc", "jsdoc", "documentation of JavaScript").packages(&[(Node, "jsdoc")]),
];
