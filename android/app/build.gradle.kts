import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
}

/** Rust's name of each ABI that is built, and Android's. 32-bit phones of minSdk 28 with NFC are few, and not supported. */
val abis = mapOf("aarch64-linux-android" to "arm64-v8a", "x86_64-linux-android" to "x86_64")

val core by tasks.registering(Exec::class) {
    description = "Builds the core for each ABI with cargo-ndk."
    val libraries = layout.buildDirectory.dir("rust/jniLibs")
    outputs.dir(libraries)
    outputs.upToDateWhen { false } // cargo knows better
    workingDir = rootDir.resolve("..")
    // Pages of 16 KB: what NDK r28 does anyway, said for older ones.
    environment("RUSTFLAGS", "-Clink-arg=-Wl,-z,max-page-size=16384")
    commandLine(
        listOf("cargo", "ndk", "--platform", "28", "--output-dir", libraries.get().asFile.path) +
            abis.values.flatMap { listOf("--target", it) } +
            listOf("rustc", "--profile", "phone", "--package", "madoguchi-bindings", "--lib", "--crate-type", "cdylib"),
    )
}

android {
    namespace = "jp.madoguchi.app"
    compileSdk = 35
    ndkVersion = "28.2.13676358"

    defaultConfig {
        applicationId = "jp.madoguchi.app"
        minSdk = 28
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
        ndk {
            abiFilters += abis.values
        }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    sourceSets.getByName("main") {
        jniLibs.srcDir(layout.buildDirectory.dir("rust/jniLibs"))
    }

    packaging {
        // Loaded from the APK as it lies there, on a boundary of 16 KB.
        jniLibs.useLegacyPackaging = false
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_17
        allWarningsAsErrors = true
    }
}

tasks.named("preBuild") {
    dependsOn(core)
}

dependencies {
    implementation(project(":bindings"))
    implementation(libs.coroutines.android)
    implementation(variantOf(libs.jna) { artifactType("aar") })
}
