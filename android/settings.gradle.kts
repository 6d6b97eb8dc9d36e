// The build for a phone; docs/building-android.md. Tests run by Maven, beside this: `cargo xtask test`.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "madoguchi-android"
include(":bindings", ":app")
