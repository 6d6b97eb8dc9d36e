package jp.madoguchi.app.ui

import android.content.Context
import android.graphics.drawable.InsetDrawable
import android.graphics.text.LineBreakConfig
import android.os.Build
import android.text.Editable
import android.text.InputFilter
import android.text.InputType
import android.text.TextWatcher
import android.text.method.PasswordTransformationMethod
import android.view.View
import android.view.inputmethod.EditorInfo
import android.widget.CheckBox
import android.widget.CompoundButton
import android.widget.EditText
import android.widget.RadioButton
import android.widget.Switch
import android.widget.TextView
import jp.madoguchi.app.R

/** A field with its label above it. Nothing of it is saved, filled in, or learnt by the keyboard. */
internal class Field(context: Context, kind: Int, submit: () -> Unit) {
    private val label: TextView = context.text(R.style.Text_Secondary)
    private val edit: EditText = EditText(context, null, 0, R.style.Field).apply {
        id = View.generateViewId()
        inputType = kind
        setSingleLine()
        if (kind and InputType.TYPE_MASK_VARIATION != InputType.TYPE_TEXT_VARIATION_NORMAL) {
            transformationMethod = PasswordTransformationMethod.getInstance()
        }
        filters = arrayOf(InputFilter.LengthFilter(MOST))
        imeOptions = EditorInfo.IME_ACTION_DONE or EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING or
            EditorInfo.IME_FLAG_NO_EXTRACT_UI
        isSaveEnabled = false
        importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO
        setOnEditorActionListener { _, _, _ ->
            submit()
            true
        }
    }

    val view: View = Column(context, 4).add(label.apply { labelFor = edit.id }).add(edit)

    var text: String
        get() = edit.text.toString()
        set(value) = edit.setText(value)

    fun name(words: String) {
        label.words = words
    }

    /** The field belongs to these words, which stand elsewhere on the page. */
    fun namedBy(title: TextView) {
        label.words = null
        title.labelFor = edit.id
    }

    fun kind(kind: Int) {
        if (edit.inputType != kind) edit.inputType = kind
    }

    fun enabled(enabled: Boolean) {
        edit.isEnabled = enabled
    }

    /** Takes what was typed out of the field; the caller overwrites it. */
    fun take(): CharArray {
        val typed = CharArray(edit.length()) { edit.text[it] }
        wipe()
        return typed
    }

    /** What a JVM lets one do: the buffer is overwritten before it is emptied. */
    fun wipe() {
        edit.text.replace(0, edit.length(), "0".repeat(edit.length()))
        edit.text.clear()
    }

    fun onChange(told: (String) -> Unit) = edit.addTextChangedListener(object : TextWatcher {
        override fun beforeTextChanged(s: CharSequence?, start: Int, count: Int, after: Int) = Unit
        override fun onTextChanged(s: CharSequence?, start: Int, before: Int, count: Int) = Unit
        override fun afterTextChanged(s: Editable) = told(s.toString())
    })

    companion object {
        const val PLAIN = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
        const val SECRET = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_PASSWORD
        const val SECRET_DIGITS = InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_VARIATION_PASSWORD

        /** An activation code with blanks and full-width digits. */
        const val CODE = InputType.TYPE_CLASS_PHONE
        private const val MOST = 128
    }
}

/** One of several that can be chosen, as a row of a card. */
internal fun Context.radio(label: String, chosen: Boolean, press: () -> Unit): View =
    RadioButton(this).dressed(label, chosen, press)

/** Something that is on or off, as a row of a card. */
internal fun Context.check(label: String, on: Boolean, press: () -> Unit): View =
    CheckBox(this).dressed(label, on, press)

/** The same with a switch at its end. */
internal fun Context.switch(label: String, on: Boolean, enabled: Boolean, press: () -> Unit): View =
    Switch(this).dressed(label, on, press).apply { isEnabled = enabled }

/** The core decides what is chosen: the button only asks, and stays as it was until the next screen. */
private fun CompoundButton.dressed(label: String, chosen: Boolean, press: () -> Unit): View = apply {
    text = label
    textSize = TEXT
    setTextColor(context.getColorStateList(R.color.on_other))
    buttonTintList = context.getColorStateList(R.color.mark)
    setBackgroundResource(R.drawable.row)
    val side = context.dp(SIDE)
    // The mark stands where the words of other rows begin; its own picture has some room around it.
    if (this !is Switch) buttonDrawable = InsetDrawable(buttonDrawable, side - context.dp(ROOM), 0, 0, 0)
    // After the drawable, which brings a height of its own.
    minHeight = context.resources.getDimensionPixelSize(R.dimen.button_height)
    setPadding(if (this is Switch) context.dp(16) else context.dp(8), context.dp(8), context.dp(16), context.dp(8))
    isChecked = chosen
    jumpDrawablesToCurrentState()
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) setLineBreakWordStyle(LineBreakConfig.LINE_BREAK_WORD_STYLE_PHRASE)
    isSaveEnabled = false
    setOnClickListener {
        isChecked = chosen
        press()
    }
}

private const val TEXT = 16f
private const val SIDE = 16
private const val ROOM = 5
